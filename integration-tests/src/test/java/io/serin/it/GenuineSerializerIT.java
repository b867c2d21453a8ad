package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.RequestEvent;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The serializer class is a setting: every service runs with Confluent's genuine classes on its
 * class path, and Serin's own deserializer reads what they wrote.
 */
class GenuineSerializerIT {

  private static final Path JAR =
      Path.of("target", "genuine", "confluent-avro.jar").toAbsolutePath();

  @Test
  void shouldRunEveryServiceWithConfluentsOwnClasses(@TempDir Path data) throws Exception {
    assertThat(JAR).exists();
    KafkaConnection own = KafkaConnection.of("127.0.0.1:9092", "http://127.0.0.1:8081");
    KafkaConnection genuine =
        new KafkaConnection(
            own.bootstrap(),
            own.registryUrl(),
            Map.of(),
            Map.of(),
            "io.confluent.kafka.serializers.KafkaAvroSerializer",
            "io.confluent.kafka.serializers.KafkaAvroDeserializer",
            own.partitions(),
            own.replication());

    try (Loop loop =
        Loop.start(data.resolve("serin"), b -> b.kafka(genuine).extraClassPath(List.of(JAR)))) {
      loop.apply(Loop.rollout(loop, "50%"));
      assertThat(loop.chat("Name a primary colour.", "ann").statusCode()).isEqualTo(200);

      KafkaConnection reader =
          KafkaConnection.of(loop.stack().kafka().bootstrap(), loop.stack().kafka().registryUrl());
      List<RequestEvent> read =
          Records.until(
              reader,
              Topics.REQUESTS,
              Duration.ofSeconds(30),
              event -> event.getClientStatus() != null);
      assertThat(read.getLast().getRollout()).isEqualTo(Loop.ROLLOUT);
      Records.until(reader, Topics.METRICS, Duration.ofSeconds(30), metrics -> true);
      assertThat(Files.readString(log(data, "router")))
          .contains("io.confluent.kafka.serializers.KafkaAvroSerializer");
    }
  }

  private static Path log(Path data, String name) throws Exception {
    try (var files = Files.walk(data)) {
      return files
          .filter(file -> file.getFileName().toString().equals(name + ".log"))
          .findFirst()
          .orElseThrow();
    }
  }
}
