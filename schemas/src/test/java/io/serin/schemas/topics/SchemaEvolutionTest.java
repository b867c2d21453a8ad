package io.serin.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidatorBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a released schema wrote, today's must read: schemas/released/ holds every value schema that
 * was ever released, and a change that could not read one of them fails here, before the registry
 * refuses it in production.
 *
 * <p>{@code -Dserin.release=true} writes today's schemas there, as part of a release.
 */
class SchemaEvolutionTest {

  private static final Path RELEASED = Path.of("released");

  static List<Topic> topics() {
    return Topics.all();
  }

  @ParameterizedTest
  @MethodSource("topics")
  void shouldReadEveryReleasedVersion(Topic topic) throws IOException, SchemaValidationException {
    if (Boolean.getBoolean("serin.release")) {
      release(topic);
    }
    List<Schema> released = released(topic);

    assertThat(released).as("released versions of " + topic.name()).isNotEmpty();
    new SchemaValidatorBuilder()
        .canReadStrategy()
        .validateAll()
        .validate(topic.value(), released.reversed());
  }

  private static List<Schema> released(Topic topic) throws IOException {
    Path folder = RELEASED.resolve(topic.name());
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().map(SchemaEvolutionTest::parse).toList();
    }
  }

  private static Schema parse(Path file) {
    try {
      return new Schema.Parser().parse(file.toFile());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void release(Topic topic) throws IOException {
    List<Schema> released = released(topic);
    if (released.contains(topic.value())) {
      return;
    }
    Path folder = Files.createDirectories(RELEASED.resolve(topic.name()));
    Files.writeString(
        folder.resolve("%03d.avsc".formatted(released.size() + 1)),
        SchemaFormatter.format("json/pretty", topic.value()) + "\n");
  }
}
