package io.serin.it;

import io.serin.cli.stack.Part;
import io.serin.cli.stack.Ports;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.StackOptions;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RolloutState;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.TopicAdmin;
import io.serin.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A real broker and registry with nothing else: the test itself plays router and controller, and
 * writes what they would.
 */
final class ShadowBroker implements AutoCloseable {

  private final Stack stack;

  private ShadowBroker(Stack stack) {
    this.stack = stack;
  }

  static ShadowBroker start(Path data) throws Exception {
    Stack stack =
        Stack.start(
            StackOptions.in(data)
                .ports(Ports.ANY)
                .parts(EnumSet.of(Part.BROKER, Part.REGISTRY))
                .build(),
            event -> System.out.println("[stack] " + event));
    ShadowBroker broker = new ShadowBroker(stack);
    try (Admin admin = broker.kafka().admin()) {
      TopicAdmin.ensure(admin, broker.kafka().partitions(), broker.kafka().replication());
    }
    return broker;
  }

  KafkaConnection kafka() {
    return stack.kafka();
  }

  /** Orders that a rollout shadows, with control and candidate at one model server. */
  void order(String rollout, String url, int maxConcurrency) throws Exception {
    Command command =
        Command.newBuilder()
            .setRollout(rollout)
            .setRevision(1)
            .setRun("run-1")
            .setState(RolloutState.RUNNING)
            .setStage(0)
            .setStageName("shadow")
            .setVariants(
                List.of(
                    target("control", VariantRole.CONTROL, url),
                    target("candidate", VariantRole.CANDIDATE, url)))
            .setSplit(List.of(new Slice("control", 0, 10_000)))
            .setSalt("salt")
            .setUnit(List.of("header:x-user-id"))
            .setShadow(
                ShadowPlan.newBuilder()
                    .setSampleBasisPoints(10_000)
                    .setMaxConcurrency(maxConcurrency)
                    .setRequestsPerSecond(0)
                    .setCandidates(List.of("candidate"))
                    .build())
            .setDeadlines(new Deadlines(2_000, 20_000, 20_000, 20_000))
            .setLeaseMillis(0)
            .setCause("a test")
            .setIssuedAt(Instant.now())
            .setClearsTrips(List.of())
            .build();
    try (KafkaProducer<String, Command> producer = kafka().producer(Map.of())) {
      producer.send(new ProducerRecord<>(Topics.COMMANDS.name(), rollout, command)).get();
    }
  }

  /** Captures requests, those of several rollouts in turn, under ids ROLLOUT-0, ROLLOUT-1 … */
  void capture(int each, String... rollouts) {
    try (KafkaProducer<String, CapturedPayload> producer =
        kafka().producer(Map.of("linger.ms", 10))) {
      for (int i = 0; i < each; i++) {
        for (String rollout : rollouts) {
          CapturedPayload payload = payload(rollout, rollout + "-" + i, "unit-" + i % 97);
          var unused =
              producer.send(
                  new ProducerRecord<>(
                      Topics.PAYLOADS.name(),
                      kafka().partitions().ofUnit(payload.getUnit()),
                      payload.getUnit(),
                      payload));
        }
      }
      producer.flush();
    }
  }

  /** Every record of a topic that is committed now. */
  <T extends SpecificRecord> List<T> all(Topic topic) {
    return Records.all(kafka(), topic);
  }

  @Override
  public void close() {
    stack.close();
  }

  private static VariantTarget target(String name, VariantRole role, String url) {
    return VariantTarget.newBuilder()
        .setName(name)
        .setRole(role)
        .setUrl(url)
        .setModel(name)
        .build();
  }

  private static CapturedPayload payload(String rollout, String requestId, String unit) {
    String body =
        "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
            .formatted(rollout, requestId);
    return CapturedPayload.newBuilder()
        .setRequestId(requestId)
        .setCapturedAt(Instant.now())
        .setRollout(rollout)
        .setRun("run-1")
        .setRevision(1)
        .setStage(0)
        .setUnit(unit)
        .setEndpoint("chat.completions")
        .setStreamed(false)
        .setRequestBody(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)))
        .setAssignedVariant("control")
        .setServedVariant("control")
        .setServed(
            Measurement.newBuilder()
                .setOutcome(Outcome.OK)
                .setDurationMicros(9_000)
                .setPromptTokens(9L)
                .setCompletionTokens(1L)
                .build())
        .setServedText("Paris")
        .build();
  }
}
