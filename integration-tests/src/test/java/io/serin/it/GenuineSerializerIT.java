package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.RequestEvent;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
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
      for (String service : List.of("router", "analytics", "worker")) {
        assertThat(loadedBy(loop, service))
            .as(service)
            .contains("io.confluent.kafka.serializers.KafkaAvroSerializer")
            .doesNotContain("io.serin.schemas.serdes.AvroSerializer ");
      }
    }
  }

  /** The classes with instances in a service's process, as the JVM itself tells. */
  private static String loadedBy(Loop loop, String service) throws Exception {
    long pid =
        loop.stack().processes().stream()
            .filter(process -> process.name().equals(service))
            .findFirst()
            .orElseThrow()
            .pid();
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    return String.join(
        "\n",
        Node.Program.run(
            Path.of("."), List.of(jcmd, Long.toString(pid), "GC.class_histogram", "-all")));
  }
}
