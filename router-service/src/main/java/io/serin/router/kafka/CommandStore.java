package io.serin.router.kafka;

import io.serin.schemas.Command;
import io.serin.schemas.serdes.AvroTrust;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * The last command of every rollout in one file, an Avro container, replaced atomically: what a
 * router serves by when Kafka is away. One thread.
 */
final class CommandStore {

  private final Path file;

  CommandStore(Path file) {
    AvroTrust.ensure();
    this.file = file;
  }

  /** The commands of the file; empty where there is none. */
  Optional<List<Command>> load() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<Command> commands = new ArrayList<>();
    try (DataFileReader<Command> reader =
        new DataFileReader<>(file.toFile(), new SpecificDatumReader<>(Command.class))) {
      reader.forEach(commands::add);
    } catch (AvroRuntimeException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
    return Optional.of(commands);
  }

  void save(Collection<Command> commands) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try (FileChannel channel =
            FileChannel.open(
                next,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        DataFileWriter<Command> writer =
            new DataFileWriter<>(new SpecificDatumWriter<>(Command.class))) {
      writer.create(Command.getClassSchema(), Channels.newOutputStream(channel));
      for (Command command : commands) {
        writer.append(command);
      }
      writer.flush();
      channel.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
