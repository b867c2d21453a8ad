package io.serin.router.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * The schemas that the journal's frames were written with, one file for each, named by its
 * fingerprint (Avro's 64-bit Rabin fingerprint of the parsing canonical form). So a newer build
 * reads what an older one left. Thread-safe.
 */
final class SchemaStore {

  private final Path directory;
  private final Map<Long, Schema> known = new ConcurrentHashMap<>();

  /**
   * @throws IOException if the directory cannot be made
   */
  SchemaStore(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  /** Keeps a schema; returns its fingerprint. */
  long keep(Schema schema) throws IOException {
    long fingerprint = SchemaNormalization.parsingFingerprint64(schema);
    Path file = file(fingerprint);
    if (!Files.exists(file)) {
      Path next = file.resolveSibling(file.getFileName() + ".next");
      Files.writeString(next, schema.toString(), StandardCharsets.UTF_8);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    known.put(fingerprint, schema);
    return fingerprint;
  }

  /**
   * @throws UncheckedIOException if the schema is not there or cannot be read
   */
  Schema get(long fingerprint) {
    return known.computeIfAbsent(fingerprint, this::read);
  }

  private Schema read(long fingerprint) {
    try {
      return new Schema.Parser().parse(Files.readString(file(fingerprint), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the journal's schema " + file(fingerprint) + " cannot be read", e);
    }
  }

  private Path file(long fingerprint) {
    return directory.resolve(Long.toHexString(fingerprint) + ".avsc");
  }
}
