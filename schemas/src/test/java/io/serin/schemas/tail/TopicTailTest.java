package io.serin.schemas.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.serin.schemas.EventKind;
import io.serin.schemas.Revisions;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Tick;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.serdes.AvroDeserializer;
import io.serin.schemas.serdes.AvroSerializer;
import io.serin.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TopicTailTest {

  private static final int EVENT_ID = 7;
  private static final int TICK_ID = 8;
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final StubRegistry registry =
      new StubRegistry().with(EVENT_ID, RolloutEvent.SCHEMA$).with(TICK_ID, Tick.SCHEMA$);
  private final List<String> read = new CopyOnWriteArrayList<>();
  private @Nullable TopicTail<SpecificRecord> tail;

  @AfterEach
  void close() {
    if (tail != null) {
      tail.close();
    }
    registry.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404, 429, 500, 503})
  void shouldWaitAndSkipNothingWhileTheRegistryRefuses(int status) {
    registry.status = status;
    TopicTail<SpecificRecord> following = follow(Topics.EVENTS.name(), event("a"), event("b"));

    await().until(() -> registry.refused.get() >= 4);
    assertThat(read).isEmpty();
    assertThat(following.state()).isInstanceOf(ReaderState.Waiting.class);
    assertThat(following.state().trouble())
        .hasValueSatisfying(text -> assertThat(text).contains(Integer.toString(status)));
    registry.status = 0;

    await().until(following::caughtUp);
    assertThat(read).containsExactly("a", "b");
    assertThat(following.skipped()).isZero();
    assertThat(following.state().trouble()).isEmpty();
  }

  @Test
  void shouldWaitWhileTheRegistryIsEmpty() {
    StubRegistry empty = new StubRegistry();
    TopicTail<SpecificRecord> following =
        follow(Topics.EVENTS.name(), empty, List.<byte @Nullable []>of(event("a")));

    await().until(() -> following.state() instanceof ReaderState.Waiting);
    await().during(Duration.ofMillis(500)).until(() -> following.skipped() == 0);
    empty.with(EVENT_ID, RolloutEvent.SCHEMA$);

    await().until(following::caughtUp);
    assertThat(read).containsExactly("a");
    empty.close();
  }

  @Test
  void shouldSkipAndCountWhatCanNeverBeRead() {
    byte[] garbage = {1, 2, 3};
    byte[] cut = Arrays.copyOf(event("x"), 9);
    byte[] otherType = framed(TICK_ID, new byte[] {0});
    byte[] unknownId = framed(99, new byte[] {0});
    byte[] huge =
        framed(
            EVENT_ID, new byte[] {2, 'r', 2, 'n', 0, 0, 2, 's', 2, 0, 2, 't', -2, -1, -1, -1, 15});

    TopicTail<SpecificRecord> following =
        follow(
            Topics.EVENTS.name(),
            registry,
            Arrays.asList(event("a"), garbage, null, otherType, cut, unknownId, huge, event("b")));

    await().until(following::caughtUp);
    assertThat(read).containsExactly("a", "b");
    assertThat(following.skipped()).isEqualTo(6);
    assertThat(following.state()).isInstanceOf(ReaderState.Reading.class);
  }

  @Test
  void shouldKeepTheLastReadableValueOfACompactedKey() {
    StubRegistry acks = registry.with(EVENT_ID + 10, RouterAck.SCHEMA$);
    TopicTail<SpecificRecord> following =
        follow(Topics.ACKS.name(), acks, Arrays.asList(ack(), new byte[] {0, 0, 0}, null));

    await().until(following::caughtUp);
    assertThat(read).containsExactly("ack", "deleted");
    assertThat(following.skipped()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, Revisions.GREATEST + 1, -1, Long.MIN_VALUE})
  void shouldSkipARevisionThatNoControllerCounted(long revision) {
    StubRegistry acks = registry.with(EVENT_ID + 10, RouterAck.SCHEMA$);
    TopicTail<SpecificRecord> following =
        follow(
            Topics.ACKS.name(),
            acks,
            Arrays.asList(
                ack(Map.of("assistant", revision)), ack(Map.of("assistant", Revisions.GREATEST))));

    await().until(following::caughtUp);
    assertThat(read).containsExactly("ack");
    assertThat(following.skipped()).isEqualTo(1);
  }

  @Test
  void shouldReportItsDeathWhenAHandlerThrows() {
    TopicTail<SpecificRecord> following =
        start(
            () -> log(Topics.EVENTS.name(), registry, List.<byte @Nullable []>of(event("a"))),
            Topics.EVENTS.name(),
            _ -> {
              throw new IllegalStateException("a bug");
            });

    await().until(() -> following.state() instanceof ReaderState.Dead);
    assertThat(following.state().trouble())
        .hasValueSatisfying(text -> assertThat(text).contains("a bug"));
    assertThat(following.following()).isFalse();
  }

  @Test
  void shouldBeginAgainWhenTheConsumerFails() {
    AtomicInteger made = new AtomicInteger();
    TopicTail<SpecificRecord> following =
        start(
            () -> {
              RawLog log =
                  log(Topics.EVENTS.name(), registry, List.<byte @Nullable []>of(event("a")));
              switch (made.incrementAndGet()) {
                case 1 -> throw new KafkaException("no broker");
                case 2 -> log.setPollException(new KafkaException("connection lost"));
                default -> {
                  // healthy
                }
              }
              return log;
            },
            Topics.EVENTS.name(),
            this::remember);

    await().until(following::caughtUp);
    assertThat(made).hasValueGreaterThanOrEqualTo(3);
    assertThat(read).contains("a");
  }

  private void remember(SpecificRecord value) {
    read.add(value instanceof RolloutEvent event ? event.getText() : "ack");
  }

  private TopicTail<SpecificRecord> follow(String topic, byte[]... values) {
    return follow(topic, registry, new ArrayList<>(Arrays.asList(values)));
  }

  private TopicTail<SpecificRecord> follow(
      String topic, StubRegistry from, List<byte @Nullable []> values) {
    return start(() -> log(topic, from, values), topic, this::remember);
  }

  private TopicTail<SpecificRecord> start(
      java.util.function.Supplier<RawLog> consumers,
      String topic,
      java.util.function.Consumer<SpecificRecord> each) {
    TopicTail<SpecificRecord> made =
        new TopicTail<>(
            "tail",
            consumers,
            List.of(new TopicTail.Source(topic, new TopicTail.From.Beginning())),
            PAUSE,
            new TopicTail.Handler<>() {
              @Override
              public void read(
                  org.apache.kafka.clients.consumer.ConsumerRecord<String, SpecificRecord> record) {
                each.accept(record.value());
              }

              @Override
              public void deleted(
                  org.apache.kafka.clients.consumer.ConsumerRecord<String, SpecificRecord>
                      tombstone) {
                read.add("deleted");
              }
            });
    tail = made;
    made.start();
    return made;
  }

  private static RawLog log(String topic, StubRegistry from, List<byte @Nullable []> values) {
    KafkaConnection connection =
        new KafkaConnection(
            "unused:9092",
            from.url(),
            Map.of(),
            Map.of("schema.registry.retry.ms", "50", "schema.registry.unknown.id.ms", "100"),
            AvroSerializer.class.getName(),
            AvroDeserializer.class.getName(),
            KafkaConnection.DEFAULT_PARTITIONS,
            (short) -1);
    return new RawLog(topic, values, connection.deserializer());
  }

  private static byte[] event(String text) {
    return framed(
        EVENT_ID,
        encoded(
            RolloutEvent.newBuilder()
                .setRollout("r")
                .setRun("n")
                .setRevision(1)
                .setStage(0)
                .setStageName("s")
                .setKind(EventKind.APPLIED)
                .setAt(Instant.EPOCH)
                .setText(text)
                .build()));
  }

  private static byte[] ack() {
    return ack(Map.of());
  }

  private static byte[] ack(Map<String, Long> revisions) {
    return framed(
        EVENT_ID + 10,
        encoded(
            RouterAck.newBuilder()
                .setRouter("r")
                .setIncarnation("i")
                .setAt(Instant.EPOCH)
                .setUrl("u")
                .setRevisions(revisions)
                .setBacklog(0)
                .setBacklogBytes(0)
                .setDropped(0)
                .build()));
  }

  private static byte[] encoded(SpecificRecord record) {
    try (var out = new java.io.ByteArrayOutputStream()) {
      var encoder = org.apache.avro.io.EncoderFactory.get().binaryEncoder(out, null);
      new org.apache.avro.specific.SpecificDatumWriter<SpecificRecord>(record.getSchema())
          .write(record, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] framed(int id, byte[] avro) {
    return ByteBuffer.allocate(5 + avro.length).put((byte) 0).putInt(id).put(avro).array();
  }
}
