package io.serin.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.serdes.AvroSerializer;
import io.serin.schemas.serdes.SchemaRegistry;
import io.serin.worker.budget.Spend;
import io.serin.worker.budget.Totals;
import io.serin.worker.position.CommitText;
import io.serin.worker.position.OffsetLedger;
import io.serin.worker.position.PendingBounds;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The loop on Kafka's own mock clients: what is published, and how far a commit says we are. */
class PayloadLoopTest {
  private static final TopicPartition P0 = new TopicPartition("serin.payloads", 0);
  private static final PayloadLoop.Names NAMES =
      new PayloadLoop.Names(
          "serin.payloads", "serin.shadow-results", "serin.shadow-examples", "serin.dead-letters");

  private final MockConsumer<String, CapturedPayload> consumer = new MockConsumer<>("earliest");
  private final MockProducer<String, SpecificRecord> producer =
      new MockProducer<>(true, null, new StringSerializer(), serializer());
  private static final Spend ONE_CALL = new Spend(1, 10, 5, 0, 1);
  private static final long HOUR = Payloads.NOON.getEpochSecond() / 3_600;

  private final Told listener = new Told();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
  private final Map<String, Integer> replays = new ConcurrentHashMap<>();
  private final AtomicBoolean goOn = new AtomicBoolean(true);
  private final AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
  private @Nullable Thread thread;

  @AfterEach
  void stop() throws InterruptedException {
    goOn.set(false);
    held.values().forEach(CountDownLatch::countDown);
    if (thread != null) {
      thread.join(Duration.ofSeconds(10));
    }
  }

  @Test
  void shouldPublishAResultAndItsPositionInOneTransaction() throws InterruptedException {
    start(100, null);
    append(0, "r0");

    until(() -> producer.commitCount() == 1);

    assertThat(results()).containsExactly("r0");
    assertThat(producer.history().getFirst().key()).isEqualTo("unit-r0");
    assertThat(committed().offset()).isEqualTo(1);
    assertThat(ledger()).isEmpty();
  }

  @Test
  void shouldPublishWhatIsReadyAndRememberWhatIsNot() throws InterruptedException {
    hold("r0");
    start(100, null);
    append(0, "r0");
    append(1, "r1");
    append(2, "r2");

    until(() -> results().size() == 2);

    assertThat(results()).containsExactlyInAnyOrder("r1", "r2");
    assertThat(committed().offset()).isZero();
    assertThat(ledger()).isNotEmpty();
  }

  @Test
  void shouldPublishExamplesWithTheResultsTheyShow() throws InterruptedException {
    start(100, null);
    append(0, "r0");

    until(() -> results().size() == 1);

    assertThat(producer.history())
        .filteredOn(record -> record.topic().equals("serin.shadow-examples"))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.key()).isEqualTo("unit-r0");
              assertThat(((ShadowExample) record.value()).getRequestId()).isEqualTo("r0");
            });
  }

  @Test
  void shouldContinueFromTheCommitOfAWorkerThatDiedDoingNothingTwice() throws InterruptedException {
    OffsetLedger dead = new OffsetLedger();
    for (long offset = 0; offset < 4; offset++) {
      dead.begin(offset);
    }
    dead.finish(1);
    dead.finish(3);
    OffsetLedger.Commit left = dead.commit();

    Totals before =
        Totals.NONE.after("run-1", HOUR, new Spend(2, 20, 10, 0.5, 0), Map.of("OK", 2L), Map.of());
    start(
        100,
        new OffsetAndMetadata(
            left.position(), new CommitText(left.metadata(), before, null).text()));
    for (int offset = 0; offset < 5; offset++) {
      append(offset, "r" + offset);
    }
    until(() -> results().size() == 3);
    until(() -> committedOffset() == 5);

    assertThat(results()).containsExactlyInAnyOrder("r0", "r2", "r4");
    assertThat(replays).doesNotContainKeys("r1", "r3").containsEntry("r0", 1);
    assertThat(ledger()).isEmpty();
    Totals after = CommitText.parse(committed().metadata()).totals();
    assertThat(after.used())
        .as("what the dead worker used counts")
        .isEqualTo(new Spend(5, 50, 25, 0.5, 3));
    assertThat(after.outcomes()).containsExactly(Map.entry("OK", 2L));
    assertThat(after.skipped()).containsExactly(Map.entry("tested", 3L));
    assertThat(listener.own).isEqualTo(after);
  }

  @Test
  void shouldStopReadingWhileTooMuchIsUnfinished() throws InterruptedException {
    for (int i = 0; i < 4; i++) {
      hold("r" + i);
    }
    start(4, null);
    for (int i = 0; i < 4; i++) {
      append(i, "r" + i);
    }
    until(() -> consumer.paused().contains(P0));
    append(4, "r4");
    awaitPolls(2);
    assertThat(replays).as("a paused partition is not read").doesNotContainKey("r4");

    held.values().forEach(CountDownLatch::countDown);

    until(() -> results().size() == 5);
    assertThat(consumer.paused()).isEmpty();
    until(() -> committedOffset() == 5);
  }

  /** Waits until the loop polled again: what a poll may fetch was fetched by the one before. */
  private void awaitPolls(int polls) throws InterruptedException {
    CountDownLatch polled = new CountDownLatch(polls);
    for (int i = 0; i < polls; i++) {
      consumer.schedulePollTask(polled::countDown);
    }
    assertThat(polled.await(10, TimeUnit.SECONDS)).as("the loop polls").isTrue();
  }

  @Test
  void shouldDropTheWorkOfAPartitionThatIsAnothersNow() throws InterruptedException {
    hold("r0");
    start(100, null);
    append(0, "r0");
    append(1, "r1");
    until(() -> results().size() == 1);

    consumer.schedulePollTask(() -> consumer.rebalance(List.of()));
    until(() -> consumer.assignment().isEmpty());
    held.values().forEach(CountDownLatch::countDown);
    goOn.set(false);
    join();

    assertThat(results()).containsExactly("r1");
    assertThat(committed().offset()).as("the next owner does r0").isZero();
  }

  @Test
  void shouldPublishNothingWhereTheTransactionFails() throws InterruptedException {
    producer.commitTransactionException = new KafkaException("the broker went away");
    start(100, null);
    append(0, "r0");

    join();

    assertThat(end.get()).hasMessageContaining("the broker went away");
    assertThat(producer.history()).isEmpty();
    assertThat(producer.consumerGroupOffsetsHistory()).isEmpty();
  }

  @Test
  void shouldNotGoOnWithAnOffsetThatCanNeverFinish() throws InterruptedException {
    start(100, null);
    append(0, "broken");

    join();

    assertThat(end.get()).hasRootCauseMessage("a fault of ours");
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void shouldPassByWhatIsAnotherRolloutsAndSayHowFarItRead() throws InterruptedException {
    start(100, null);
    append(0, "r0", "other");
    append(1, "r1", "other");

    until(() -> producer.commitCount() >= 1);

    assertThat(replays).isEmpty();
    assertThat(producer.history()).isEmpty();
    assertThat(committed().offset()).isEqualTo(2);
  }

  @Test
  void shouldBeginTheSumsAnewWithANewRunAndNotForAStragglerOfTheOld() {
    Totals first = Totals.NONE.after("run-1", 5, ONE_CALL, Map.of("OK", 1L), Map.of());
    Totals second = first.after("run-2", 6, ONE_CALL, Map.of("OK", 1L), Map.of());

    assertThat(second.used()).isEqualTo(ONE_CALL);
    assertThat(Totals.parse(second.text())).isEqualTo(second);
    assertThat(second.inHour(6)).isEqualTo(ONE_CALL);
    assertThat(second.inHour(7)).isEqualTo(Spend.NOTHING);
    assertThat(second.after("run-2", 7, ONE_CALL, Map.of(), Map.of()).inHour(7))
        .isEqualTo(ONE_CALL);
    assertThat(first.plus(second)).as("sums of one run only").isEqualTo(first);
  }

  @Test
  void shouldTellHowMuchIsUnfinished() throws InterruptedException {
    hold("r0");
    start(100, null);
    append(0, "r0");

    until(() -> meters.get("serin.worker.pending").gauge().value() == 1);
    held.values().forEach(CountDownLatch::countDown);
    until(() -> meters.get("serin.worker.pending").gauge().value() == 0);

    assertThat(meters.counter("serin.worker.published", "rollout", "assistant").count())
        .isEqualTo(1);
  }

  private void start(int maxPending, @Nullable OffsetAndMetadata left) {
    consumer.updatePartitions(
        "serin.payloads",
        List.of(new PartitionInfo("serin.payloads", 0, Node.noNode(), null, null)));
    consumer.updateBeginningOffsets(Map.of(P0, 0L));
    consumer.updateEndOffsets(Map.of(P0, 0L));
    consumer.schedulePollTask(
        () -> {
          if (left != null) {
            consumer.commitSync(Map.of(P0, left));
          }
          consumer.rebalance(List.of(P0));
        });
    PayloadLoop loop =
        new PayloadLoop(
            consumer,
            producer,
            NAMES,
            new PendingBounds(maxPending, 1 << 20),
            LaneId.live("assistant"),
            "worker-1",
            this::replay,
            new WorkerMetrics(meters, "assistant"),
            () -> Payloads.NOON,
            listener);
    thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    loop.run(goOn::get);
                  } catch (Throwable e) {
                    end.set(e);
                  }
                });
  }

  private Replay.Done replay(Replay.Task task) throws InterruptedException {
    CapturedPayload payload = task.payload();
    replays.merge(payload.getRequestId(), 1, Integer::sum);
    CountDownLatch latch = held.get(payload.getRequestId());
    if (latch != null) {
      latch.await();
    }
    if (payload.getRequestId().equals("broken")) {
      throw new IllegalStateException("a fault of ours");
    }
    return new Replay.Done(
        List.of(
            Results.skipped(
                payload, "candidate", "tested", ONE_CALL, LaneId.live("assistant"), Payloads.NOON)),
        List.of(
            ShadowExample.newBuilder()
                .setRequestId(payload.getRequestId())
                .setAt(Payloads.NOON)
                .setRollout(payload.getRollout())
                .setRun(payload.getRun())
                .setUnit(payload.getUnit())
                .setCandidate("candidate")
                .build()),
        List.of(),
        ONE_CALL);
  }

  private void hold(String requestId) {
    held.put(requestId, new CountDownLatch(1));
  }

  private void append(long offset, String requestId) {
    append(offset, requestId, "assistant");
  }

  private void append(long offset, String requestId, String rollout) {
    CapturedPayload payload = Payloads.payload(requestId, it -> it.setRollout(rollout));
    consumer.schedulePollTask(
        () ->
            consumer.addRecord(
                new ConsumerRecord<>(
                    P0.topic(),
                    P0.partition(),
                    offset,
                    0,
                    TimestampType.LOG_APPEND_TIME,
                    0,
                    100,
                    payload.getUnit(),
                    payload,
                    new RecordHeaders(),
                    Optional.empty())));
  }

  private List<String> results() {
    return producer.history().stream()
        .map(ProducerRecord::value)
        .filter(ShadowResult.class::isInstance)
        .map(result -> ((ShadowResult) result).getRequestId())
        .toList();
  }

  private OffsetAndMetadata committed() {
    return Objects.requireNonNull(
        producer.consumerGroupOffsetsHistory().getLast().values().iterator().next().get(P0));
  }

  /** The offset last committed; −1 before the first commit. */
  private long committedOffset() {
    return producer.consumerGroupOffsetsHistory().isEmpty() ? -1 : committed().offset();
  }

  private String ledger() {
    return CommitText.parse(committed().metadata()).ledger();
  }

  private static final class Told implements PayloadLoop.Listener {
    volatile Totals own = Totals.NONE;

    @Override
    public void owns(Set<Integer> partitions, int all) {}

    @Override
    public void turned(long lag, int pending, boolean atEnd) {}

    @Override
    public void committed(Totals sums, Spend more) {
      own = sums;
    }

    @Override
    public void dropped(Spend used) {}
  }

  private void join() throws InterruptedException {
    if (thread != null) {
      thread.join(Duration.ofSeconds(10));
      assertThat(thread.isAlive()).isFalse();
    }
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for 10 s").isLessThan(end);
      Thread.sleep(2);
    }
  }

  private static AvroSerializer<SpecificRecord> serializer() {
    AvroSerializer<SpecificRecord> serializer = new AvroSerializer<>();
    serializer.configure(Map.of(SchemaRegistry.URL_CONFIG, "mock://worker"), false);
    return serializer;
  }
}
