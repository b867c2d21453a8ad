package io.serin.worker;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.DeadLetter;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.tail.Unreadable;
import io.serin.worker.budget.Spend;
import io.serin.worker.budget.Totals;
import io.serin.worker.position.PendingBounds;
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
 * one transaction, and so each captured request has its results exactly once, across any crash.
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

  /** The names of the topics. */
  record Names(String payloads, String results, String examples, String deadLetters) {}

  /** What replays one request; blocks, and is interrupted when its partition is taken away. */
  @FunctionalInterface
  interface Work {
    Replay.Done replay(Replay.Task task) throws InterruptedException;
  }

  /** Called on the loop's own thread. */
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

  private record Finished(
      TopicPartition partition,
      OwnedPartition owned,
      long offset,
      int bytes,
      String unit,
      String run,
      Replay.Done done) {}

  private final Consumer<String, CapturedPayload> consumer;
  private final Producer<String, SpecificRecord> producer;
  private final Names names;
  private final PendingBounds bounds;
  private final LaneId lane;
  private final String worker;
  private final Work work;
  private final WorkerMetrics metrics;
  private final InstantSource clock;
  private final Listener listener;
  private final Map<TopicPartition, OwnedPartition> owned = new HashMap<>();
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
      PendingBounds bounds,
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
    OwnedPartition of = owned.get(partition);
    if (of == null || !of.begin(record.offset())) {
      return;
    }
    CapturedPayload payload = record.value();
    if (payload == null || !of.holds(record.offset(), payload)) {
      of.pass(record.offset());
      return;
    }
    int bytes = Math.max(0, record.serializedValueSize());
    pendingBytes += bytes;
    Replay.Task task =
        new Replay.Task(
            payload, new Replay.Place(record.topic(), record.partition(), record.offset()));
    of.run(threads.submit(() -> replay(partition, of, bytes, task)));
  }

  private void replay(TopicPartition partition, OwnedPartition of, int bytes, Replay.Task task) {
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
      each.owned().finish(each.offset());
      each.owned().count(each.run(), hour, each.done());
      more = more.plus(each.done().used());
      touched.add(each.partition());
    }
    if (positions) {
      committedAt = System.nanoTime();
      owned.forEach(
          (partition, of) -> {
            if (of.moved()) {
              touched.add(partition);
            }
          });
    }
    if (touched.isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (TopicPartition partition : touched) {
      OwnedPartition of = owned.get(partition);
      if (of != null) {
        offsets.put(partition, of.position());
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

  private Totals totals() {
    Totals all = Totals.NONE;
    for (OwnedPartition each : owned.values()) {
      all = all.newest(each.totals());
    }
    return all;
  }

  /** Back-pressure: stops reading while enough is under way, and resumes at half of it. */
  private void hold() {
    int pending = pending();
    if (bounds.reached(pending, pendingBytes)) {
      paused = true;
    } else if (paused && bounds.halved(pending, pendingBytes)) {
      paused = false;
      consumer.resume(consumer.paused());
    }
    if (paused) {
      consumer.pause(consumer.assignment()); // partitions that came in since included
    }
  }

  private int pending() {
    return owned.values().stream().mapToInt(OwnedPartition::pending).sum();
  }

  private void report() {
    int pending = pending();
    long unread = 0;
    boolean atEnd = !owned.isEmpty() && pending == 0 && finished.isEmpty();
    for (TopicPartition partition : consumer.assignment()) {
      OwnedPartition of = owned.get(partition);
      OptionalLong behind =
          of != null && of.end().isPresent()
              ? OptionalLong.of(Math.max(0, of.end().getAsLong() - consumer.position(partition)))
              : consumer.currentLag(partition);
      unread += behind.orElse(0);
      atEnd &= behind.isPresent() && behind.getAsLong() == 0;
    }
    metrics.pending(pending);
    metrics.lag(unread + pending);
    listener.turned(unread + pending, pending, atEnd);
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
    OwnedPartition of = owned.get(e.topicPartition());
    if (of != null && of.begin(e.offset())) {
      String unit =
          e.keyBuffer() == null
              ? ""
              : StandardCharsets.UTF_8.decode(e.keyBuffer().duplicate()).toString();
      DeadLetter letter = Results.unreadable(e, worker, lane, clock.instant());
      finished.add(
          new Finished(
              e.topicPartition(),
              of,
              e.offset(),
              0,
              unit,
              of.totals().run(),
              new Replay.Done(List.of(), List.of(), List.of(letter), Spend.NOTHING)));
    }
  }

  /** What changes when partitions come and go. */
  private final class Rebalances implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(partitions));
      for (TopicPartition partition : partitions) {
        owned.put(partition, OwnedPartition.from(lane, committed.get(partition)));
      }
      tell();
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      publish(true);
      onPartitionsLost(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      for (TopicPartition partition : partitions) {
        OwnedPartition lost = owned.remove(partition);
        if (lost != null) {
          lost.cancel();
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
