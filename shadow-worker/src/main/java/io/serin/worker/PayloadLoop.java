package io.serin.worker;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.DeadLetter;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.tail.Unreadable;
import io.serin.worker.budget.Draw;
import io.serin.worker.budget.Spend;
import io.serin.worker.budget.Totals;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads captured requests for one lane, hands each of the lane's own to a virtual thread, and
 * publishes what comes back. Results, what they took, and the position they bring the group to are
 * one transaction, so that each captured request has its results exactly once whatever dies when.
 *
 * <p>One thread polls, publishes and owns all state here. Any failure of Kafka's ends {@link #run}
 * with an exception; the next loop continues from the last commit. Nothing is unbounded: reading
 * pauses while too many requests are unfinished, or too many bytes.
 */
final class PayloadLoop {
  private static final Logger LOG = LoggerFactory.getLogger(PayloadLoop.class);
  private static final Duration POLL = Duration.ofMillis(50);

  /** A position that moved over other rollouts' records is committed this often. */
  private static final long COMMIT_NANOS = 2_000_000_000L;

  /**
   * Bounds.
   *
   * @param maxPending requests taken on and not finished, 1 … {@link OffsetLedger#MAX_PENDING}:
   *     what a commit's metadata can describe
   * @param maxPendingBytes of their bodies, above 0
   */
  record Bounds(int maxPending, long maxPendingBytes) {
    Bounds {
      if (maxPending < 1 || maxPending > OffsetLedger.MAX_PENDING) {
        throw new IllegalArgumentException(
            "max-pending is "
                + maxPending
                + ": it must be between 1 and "
                + OffsetLedger.MAX_PENDING);
      }
      if (maxPendingBytes < 1) {
        throw new IllegalArgumentException(
            "max-pending-bytes is " + maxPendingBytes + ": it must be above 0");
      }
    }
  }

  /** The names of the topics. */
  record Names(String payloads, String results, String examples, String deadLetters) {}

  /** What replays one request; blocks, and is interrupted when its partition is taken away. */
  @FunctionalInterface
  interface Work {
    Replay.Done replay(Replay.Task task) throws InterruptedException;
  }

  /** What a loop tells, on its own thread. */
  interface Listener {
    /** This worker reads these of all partitions now. */
    void owns(Set<Integer> partitions, int all);

    /** A turn is over. */
    void turned(long lag, int pending, boolean atEnd);

    /** The sums of the owned partitions, and how much of them a transaction just added. */
    void committed(Totals own, Spend more);

    /** Something finished that somebody else will do again. */
    void dropped(Spend used);
  }

  private static final class Owned {
    final OffsetLedger ledger;
    final CommitText.@Nullable Range range;
    final Set<Future<?>> running = new HashSet<>();
    Totals totals;
    boolean moved;

    Owned(OffsetLedger ledger, Totals totals, CommitText.@Nullable Range range) {
      this.ledger = ledger;
      this.totals = totals;
      this.range = range;
    }
  }

  private record Finished(
      TopicPartition partition,
      Owned owned,
      long offset,
      int bytes,
      String unit,
      String run,
      Replay.Done done) {}

  private final Consumer<String, CapturedPayload> consumer;
  private final Producer<String, SpecificRecord> producer;
  private final Names names;
  private final Bounds bounds;
  private final LaneId lane;
  private final String worker;
  private final Work work;
  private final WorkerMetrics metrics;
  private final InstantSource clock;
  private final Listener listener;
  private final Map<TopicPartition, Owned> owned = new HashMap<>();
  private final ConcurrentLinkedQueue<Finished> finished = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile @Nullable Throwable failure;
  private long pendingBytes;
  private long committedAt = System.nanoTime();
  private boolean paused;

  PayloadLoop(
      Consumer<String, CapturedPayload> consumer,
      Producer<String, SpecificRecord> producer,
      Names names,
      Bounds bounds,
      LaneId lane,
      String worker,
      Work work,
      WorkerMetrics metrics,
      InstantSource clock,
      Listener listener) {
    this.consumer = consumer;
    this.producer = producer;
    this.names = names;
    this.bounds = bounds;
    this.lane = lane;
    this.worker = worker;
    this.work = work;
    this.metrics = metrics;
    this.clock = clock;
    this.listener = listener;
  }

  /**
   * Works while told to; what is finished then is published, what is not is done by the next.
   *
   * @param goOn asked at least every 100 ms while Kafka answers
   */
  void run(BooleanSupplier goOn) {
    try {
      producer.initTransactions();
      consumer.subscribe(List.of(names.payloads()), new Rebalances());
      while (goOn.getAsBoolean()) {
        step();
      }
      publish(true);
    } finally {
      threads.shutdownNow();
      for (Finished each = finished.poll(); each != null; each = finished.poll()) {
        listener.dropped(each.done().used());
      }
    }
  }

  private void step() {
    try {
      ConsumerRecords<String, CapturedPayload> records = consumer.poll(POLL);
      for (ConsumerRecord<String, CapturedPayload> record : records) {
        take(record);
      }
    } catch (RecordDeserializationException e) {
      skip(e);
    }
    Throwable failed = failure;
    if (failed != null) {
      throw new IllegalStateException("a replay failed in a way that it does not know", failed);
    }
    publish(System.nanoTime() - committedAt > COMMIT_NANOS);
    hold();
    report();
  }

  private void take(ConsumerRecord<String, CapturedPayload> record) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    Owned of = owned.get(partition);
    if (of == null || !of.ledger.begin(record.offset())) {
      return;
    }
    CapturedPayload payload = record.value();
    if (payload == null || !isMine(of, record.offset(), payload)) {
      of.ledger.finish(record.offset());
      of.moved = true;
      return;
    }
    int bytes = Math.max(0, record.serializedValueSize());
    pendingBytes += bytes;
    Replay.Task task =
        new Replay.Task(
            payload, new Replay.Place(record.topic(), record.partition(), record.offset()));
    of.running.removeIf(Future::isDone);
    of.running.add(threads.submit(() -> replay(partition, of, bytes, task)));
  }

  private boolean isMine(Owned of, long offset, CapturedPayload payload) {
    if (!payload.getRollout().equals(lane.rollout())) {
      return false;
    }
    CommitText.Range range = of.range;
    if (lane.backfill() == null) {
      return true;
    }
    long captured = payload.getCapturedAt().toEpochMilli();
    return range != null
        && offset < range.end()
        && captured >= range.captureFrom()
        && captured < range.captureTo()
        && Draw.number("backfill", payload.getRequestId()) <= range.threshold();
  }

  private void replay(TopicPartition partition, Owned of, int bytes, Replay.Task task) {
    Replay.Done done;
    try {
      done = work.replay(task);
    } catch (InterruptedException e) {
      return; // the partition is another's, or the loop is over: done again from the last commit
    } catch (RuntimeException | Error e) {
      failure = e; // nobody else would know that this offset is never going to finish
      return;
    }
    finished.add(
        new Finished(
            partition,
            of,
            task.place().offset(),
            bytes,
            task.payload().getUnit(),
            task.payload().getRun(),
            done));
  }

  /**
   * Publishes what finished, and where that brings us, in one transaction.
   *
   * @param positions also where nothing finished, but the position moved
   */
  private void publish(boolean positions) {
    List<Finished> batch = new ArrayList<>();
    for (Finished each = finished.poll(); each != null; each = finished.poll()) {
      pendingBytes -= each.bytes();
      if (owned.get(each.partition()) == each.owned()) {
        batch.add(each);
      } else {
        listener.dropped(each.done().used());
      }
    }
    Set<TopicPartition> touched = new HashSet<>();
    long hour = clock.instant().getEpochSecond() / 3_600;
    Spend more = Spend.NOTHING;
    for (Finished each : batch) {
      each.owned().ledger.finish(each.offset());
      each.owned().totals = after(each, hour);
      more = more.plus(each.done().used());
      touched.add(each.partition());
    }
    if (positions) {
      committedAt = System.nanoTime();
      owned.forEach(
          (partition, of) -> {
            if (of.moved) {
              touched.add(partition);
            }
          });
    }
    if (touched.isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (TopicPartition partition : touched) {
      Owned of = owned.get(partition);
      if (of != null) {
        of.moved = false;
        offsets.put(partition, position(of));
      }
    }
    producer.beginTransaction();
    int results = 0;
    for (Finished each : batch) {
      for (ShadowResult result : each.done().results()) {
        // A record that cannot be sent fails the transaction.
        Future<?> unused =
            producer.send(new ProducerRecord<>(names.results(), each.unit(), result));
        results++;
      }
      for (ShadowExample example : each.done().examples()) {
        Future<?> unused =
            producer.send(new ProducerRecord<>(names.examples(), each.unit(), example));
      }
      for (DeadLetter letter : each.done().deadLetters()) {
        Future<?> unused =
            producer.send(new ProducerRecord<>(names.deadLetters(), each.unit(), letter));
      }
    }
    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
    producer.commitTransaction();
    metrics.published(results);
    listener.committed(totals(), more);
  }

  private Totals after(Finished each, long hour) {
    Totals before = each.owned().totals;
    boolean late =
        lane.backfill() == null
            && !before.run().isEmpty()
            && !before.run().equals(each.run())
            && each.done().results().stream()
                .allMatch(result -> ReplayPlan.OTHER_RUN.equals(result.getSkipped()));
    if (late) {
      return before; // a straggler of a run that is over does not begin it again
    }
    Map<String, Long> outcomes = new HashMap<>();
    Map<String, Long> skipped = new HashMap<>();
    for (ShadowResult result : each.done().results()) {
      String reason = result.getSkipped();
      if (reason == null) {
        outcomes.merge(result.getCandidate().getMeasurement().getOutcome().name(), 1L, Long::sum);
      } else {
        skipped.merge(reason, 1L, Long::sum);
      }
    }
    String run = lane.backfill() == null ? each.run() : Totals.OF_BACKFILL;
    return before.after(run, hour, each.done().used(), outcomes, skipped);
  }

  private Totals totals() {
    Totals all = Totals.NONE;
    for (Owned each : owned.values()) {
      all = newest(all, each.totals);
    }
    return all;
  }

  /**
   * Sums of one run; where partitions are at different runs, those of the run with more of them.
   */
  private static Totals newest(Totals all, Totals each) {
    return all.run().isEmpty() || all.run().equals(each.run()) || each.run().isEmpty()
        ? all.plus(each)
        : all.hour() >= each.hour() ? all : each;
  }

  private static OffsetAndMetadata position(Owned of) {
    OffsetLedger.Commit commit = of.ledger.commit();
    return new OffsetAndMetadata(
        commit.position(), new CommitText(commit.metadata(), of.totals, of.range).text());
  }

  /** Back-pressure: stops reading while enough is under way, and goes on at half of it. */
  private void hold() {
    int pending = pending();
    boolean full = pending >= bounds.maxPending() || pendingBytes >= bounds.maxPendingBytes();
    boolean low =
        pending <= bounds.maxPending() / 2 && pendingBytes <= bounds.maxPendingBytes() / 2;
    if (full && !paused) {
      paused = true;
    } else if (low && paused) {
      paused = false;
      consumer.resume(consumer.paused());
    }
    if (paused) {
      consumer.pause(consumer.assignment()); // partitions that came in since included
    }
  }

  private int pending() {
    return owned.values().stream().mapToInt(each -> each.ledger.pending()).sum();
  }

  private void report() {
    int pending = pending();
    long unread = 0;
    boolean atEnd = !owned.isEmpty() && pending == 0 && finished.isEmpty();
    for (TopicPartition partition : consumer.assignment()) {
      OptionalLong behind = behind(partition);
      unread += behind.orElse(0);
      atEnd &= behind.isPresent() && behind.getAsLong() == 0;
    }
    metrics.pending(pending);
    metrics.lag(unread + pending);
    listener.turned(unread + pending, pending, atEnd);
  }

  private OptionalLong behind(TopicPartition partition) {
    Owned of = owned.get(partition);
    return of != null && of.range != null
        ? OptionalLong.of(Math.max(0, of.range.end() - consumer.position(partition)))
        : consumer.currentLag(partition);
  }

  /**
   * Skips a poison record as a dead letter; an unavailable registry ends the loop, which retries.
   */
  private void skip(RecordDeserializationException e) {
    if (Unreadable.of(e) instanceof Unreadable.Unavailable) {
      throw e;
    }
    metrics.unreadable();
    LOG.atError()
        .addKeyValue("event", "record.skipped")
        .addKeyValue("topic", e.topicPartition().topic())
        .addKeyValue("partition", e.topicPartition().partition())
        .addKeyValue("offset", e.offset())
        .addKeyValue("cause", String.valueOf(e.getCause()))
        .log("skipping unreadable record");
    consumer.seek(e.topicPartition(), e.offset() + 1);
    Owned of = owned.get(e.topicPartition());
    if (of != null && of.ledger.begin(e.offset())) {
      String unit =
          e.keyBuffer() == null
              ? ""
              : StandardCharsets.UTF_8.decode(e.keyBuffer().duplicate()).toString();
      Throwable cause = e.getCause();
      DeadLetter letter =
          DeadLetter.newBuilder()
              .setAt(clock.instant())
              .setRollout(lane.rollout())
              .setWorker(worker)
              .setReason("unreadable-record")
              .setCause(cause == null ? "unknown" : cause.getClass().getName())
              .setTopic(e.topicPartition().topic())
              .setPartition(e.topicPartition().partition())
              .setOffset(e.offset())
              .setBackfill(lane.backfill())
              .build();
      finished.add(
          new Finished(
              e.topicPartition(),
              of,
              e.offset(),
              0,
              unit,
              of.totals.run(),
              new Replay.Done(List.of(), List.of(), List.of(letter), Spend.NOTHING)));
    }
  }

  /** What changes when partitions come and go. */
  private final class Rebalances implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(partitions));
      for (TopicPartition partition : partitions) {
        owned.put(partition, owned(committed.get(partition)));
      }
      tell();
    }

    private Owned owned(@Nullable OffsetAndMetadata known) {
      if (known == null) {
        return new Owned(new OffsetLedger(), Totals.NONE, null);
      }
      CommitText text = CommitText.parse(known.metadata());
      return new Owned(
          OffsetLedger.of(new OffsetLedger.Commit(known.offset(), text.ledger())),
          text.totals(),
          text.range());
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      publish(true);
      onPartitionsLost(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      for (TopicPartition partition : partitions) {
        Owned lost = owned.remove(partition);
        if (lost != null) {
          lost.running.forEach(each -> each.cancel(true));
        }
      }
      tell();
    }

    private void tell() {
      Set<Integer> partitions = new HashSet<>();
      owned.keySet().forEach(each -> partitions.add(each.partition()));
      listener.owns(partitions, consumer.partitionsFor(names.payloads()).size());
      listener.committed(totals(), Spend.NOTHING);
    }
  }
}
