package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** Any client that knows Confluent's wire format and API reads and writes Serin's topics. */
class ConfluentClientsIT {

  @Test
  void shouldBeReadByConfluentsNodeClient() throws Exception {
    Node.assumeInstalled();
    Loop loop = Loop.shared();
    KafkaConnection kafka = loop.stack().kafka();
    assertThat(loop.chat("Name a primary colour.", "reader").statusCode()).isEqualTo(200);

    List<String> lines =
        Node.run(
            "confluent-client.mjs",
            "read",
            kafka.bootstrap(),
            kafka.registryUrl(),
            "serin.requests",
            "rollout",
            Loop.ROLLOUT);

    JsonNode record = new ObjectMapper().readTree(lines.getFirst());
    assertThat(record.get("value").get("rollout").asText()).isEqualTo(Loop.ROLLOUT);
    assertThat(record.get("key").asText()).isEqualTo(record.get("value").get("unit").asText());
    assertThat(record.get("value").get("measurement").get("outcome").asText()).isNotBlank();
  }

  @Test
  void shouldReadWhatConfluentsNodeClientWrote() throws Exception {
    Node.assumeInstalled();
    KafkaConnection kafka = Loop.shared().stack().kafka();
    registerActions(kafka);
    String key = "written-by-confluent-" + System.nanoTime();

    Node.run(
        "confluent-client.mjs",
        "write",
        kafka.bootstrap(),
        kafka.registryUrl(),
        "serin.actions",
        "no-such-rollout",
        """
        {"rollout": "no-such-rollout", "kind": "PAUSE", "who": "peer", "reason": "a test",
         "at": %d, "expectedRevision": null, "idempotencyKey": "%s", "variant": null}
        """
            .formatted(System.currentTimeMillis(), key));

    List<ActionRequest> read =
        Records.until(
            kafka,
            Topics.ACTIONS,
            Duration.ofSeconds(30),
            action -> action.getIdempotencyKey().equals(key));
    assertThat(read.getLast().getKind()).isEqualTo(ActionKind.PAUSE);
    assertThat(read.getLast().getReason()).isEqualTo("a test");
  }

  @Test
  void shouldShowItsFramesToKcat() throws Exception {
    Peers.needProgram("kcat", "-V");
    Loop loop = Loop.shared();
    KafkaConnection kafka = loop.stack().kafka();
    assertThat(loop.chat("Name a primary colour.", "kcat").statusCode()).isEqualTo(200);
    Loop.until("a record on serin.requests", () -> !frames(kafka).isEmpty());

    String frame = frames(kafka).getFirst();

    assertThat(frame).as("magic byte and schema id, one after the other").matches("0\\d+");
    int id = Integer.parseInt(frame.substring(1));
    var answer =
        loop.send(
            java.net.http.HttpRequest.newBuilder(
                java.net.URI.create(kafka.registryUrl() + "/schemas/ids/" + id)));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("RequestEvent");
  }

  private static List<String> frames(KafkaConnection kafka) throws Exception {
    return Node.Program.run(
            Path.of("."),
            List.of(
                "kcat",
                "-C",
                "-q",
                "-e",
                "-b",
                kafka.bootstrap(),
                "-t",
                "serin.requests",
                "-s",
                "value=>bi",
                "-f",
                "%s\\n"))
        .stream()
        .filter(line -> !line.isBlank())
        .toList();
  }

  /** The peer writes with the latest registered schema; this makes sure there is one. */
  private static void registerActions(KafkaConnection kafka) throws Exception {
    try (KafkaProducer<String, ActionRequest> producer = kafka.producer(java.util.Map.of())) {
      producer
          .send(
              new ProducerRecord<>(
                  Topics.ACTIONS.name(),
                  "no-such-rollout",
                  ActionRequest.newBuilder()
                      .setRollout("no-such-rollout")
                      .setKind(ActionKind.PAUSE)
                      .setWho("integration-test")
                      .setAt(java.time.Instant.now())
                      .setIdempotencyKey("registers-the-schema")
                      .build()))
          .get();
    }
  }
}
