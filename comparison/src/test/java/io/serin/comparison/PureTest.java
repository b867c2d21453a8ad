package io.serin.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PureTest {
  private static final List<String> ADAPTERS =
      List.of(
          "io.vertx",
          "org.apache.kafka",
          "org.apache.avro",
          "org.slf4j",
          "java.net.http",
          "java.nio.file",
          "System.currentTimeMillis",
          "System.nanoTime",
          "Instant.now(");

  @Test
  void shouldKeepSocketsFilesClocksAndKafkaOut() throws IOException {
    Path folder = Path.of("src/main/java/io/serin/comparison");
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file)).as(file.toString()).doesNotContain(ADAPTERS);
      }
    }
  }
}
