package io.serin.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PureCoreTest {
  private static final List<String> PURE =
      List.of("observation", "judge", "gates", "controller", "dedup");
  private static final List<String> ADAPTERS =
      List.of(
          "org.apache.kafka",
          "org.apache.avro",
          "org.slf4j",
          "com.fasterxml",
          "System.currentTimeMillis",
          "Instant.now(",
          "Clock.system",
          "io.serin.analytics.decide",
          "io.serin.analytics.api");

  @Test
  void shouldKeepKafkaAvroLoggingAndClocksOutOfThePureRooms() throws IOException {
    for (String room : PURE) {
      Path folder = Path.of("src/main/java/io/serin/analytics", room);
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          assertThat(Files.readString(file)).as(file.toString()).doesNotContain(ADAPTERS);
        }
      }
    }
  }
}
