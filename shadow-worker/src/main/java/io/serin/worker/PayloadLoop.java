package io.serin.worker;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.serdes.SchemaRegistryException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleConsumer;
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
 * Reads captured requests, hands each to a virtual thread, and publishes what comes back. Results
 * and the position they bring the group to are one transaction, so that each captured request has
 * its results exactly once whatever dies when.
 *
 * <p>One thread polls, publishes and owns all state here. Any failure of Kafka's ends {@link #run}
 * with an exception; the next loop continues from the last commit. Nothing is unbounded: reading
 * pauses while too many requests are unfinished, or too many bytes.
 */
final class PayloadLoop {
  private static final Logger LOG = LoggerFactory.getLogger(PayloadLoop.class);
  private static final Duration POLL = Duration.ofMillis(50);

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
  record Names(String payloads, String results) {}

  /** What replays one request; blocks, and is interrupted when its partition is taken away. */
  @FunctionalInterface
  interface Work {
    List<ShadowResult> replay(CapturedPayload payload) throws InterruptedException;
  }

  private static final class Owned {
    final OffsetLedger ledger;
    final Set<Future<?>> running = new HashSet<>();

    Owned(OffsetLedger ledger) {
      this.ledger = ledger;
    }
  }

  private record Finished(
      TopicPartition partition,
      Owned owned,
      long offset,
      int bytes,
      String unit,
      List<ShadowResult> results) {}

  private final Consumer<String, CapturedPayload> consumer;
  private final Producer<String, ShadowResult> producer;
  private final Names names;
  private final Bounds bounds;
  private final Work work;
  private final WorkerMetrics metrics;
  private final DoubleConsumer share;
  private final Map<TopicPartition, Owned> owned = new HashMap<>();
  private final ConcurrentLinkedQueue<Finished> finished = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile @Nullable Throwable failure;
  private long pendingBytes;
  private boolean paused;

  /**
   * @param share told the part of all partitions that this worker owns, after each change
   */
  PayloadLoop(
      Consumer<String, CapturedPayload> consumer,
      Producer<String, ShadowResult> producer,
      Names names,
      Bounds bounds,
      Work work,
      WorkerMetrics metrics,
      DoubleConsumer share) {
    this.consumer = consumer;
    this.producer = producer;
    this.names = names;
    this.bounds = bounds;
    this.work = work;
    this.metrics = metrics;
    this.share = share;
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
      publish();
    } finally {
      threads.shutdownNow();
    }
  }

  private void step() {
    try {
      ConsumerRecords<String, CapturedPayload> records = consumer.poll(POLL);
      for (ConsumerRecord<String, CapturedPayload> record : records) {
        take(record);
      }
    } catch (RecordDeserializationException e) {
      leaveOut(e);
    }
    Throwable failed = failure;
    if (failed != null) {
      throw new IllegalStateException("a replay failed in a way that it does not know", failed);
    }
    publish();
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
    if (payload == null) {
      finished.add(new Finished(partition, of, record.offset(), 0, "", List.of()));
      return;
    }
    int bytes = Math.max(0, record.serializedValueSize());
    pendingBytes += bytes;
    of.running.removeIf(Future::isDone);
    of.running.add(threads.submit(() -> replay(partition, of, record.offset(), bytes, payload)));
  }

  private void replay(
      TopicPartition partition, Owned of, long offset, int bytes, CapturedPayload payload) {
    List<ShadowResult> results;
    try {
      results = work.replay(payload);
    } catch (InterruptedException e) {
      return; // the partition is another's, or the loop is over: done again from the last commit
    } catch (RuntimeException | Error e) {
      failure = e; // nobody else would know that this offset is never going to finish
      return;
    }
    finished.add(new Finished(partition, of, offset, bytes, payload.getUnit(), results));
  }

  /** Publishes what finished, and where that brings us, in one transaction. */
  private void publish() {
    List<Finished> batch = new ArrayList<>();
    for (Finished each = finished.poll(); each != null; each = finished.poll()) {
      pendingBytes -= each.bytes();
      if (owned.get(each.partition()) == each.owned()) {
        batch.add(each);
      }
    }
    if (batch.isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (Finished each : batch) {
      each.owned().ledger.finish(each.offset());
    }
    for (Finished each : batch) {
      offsets.computeIfAbsent(each.partition(), ignored -> position(each.owned()));
    }
    int results = 0;
    producer.beginTransaction();
    for (Finished each : batch) {
      for (ShadowResult result : each.results()) {
        // A record that cannot be sent fails the transaction.
        Future<?> unused =
            producer.send(new ProducerRecord<>(names.results(), each.unit(), result));
        results++;
      }
    }
    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
    producer.commitTransaction();
    metrics.published(results);
  }

  private static OffsetAndMetadata position(Owned of) {
    OffsetLedger.Commit commit = of.ledger.commit();
    return new OffsetAndMetadata(commit.position(), commit.metadata());
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
    long unread =
        consumer.assignment().stream()
            .mapToLong(partition -> consumer.currentLag(partition).orElse(0))
            .sum();
    metrics.pending(pending);
    metrics.lag(unread + pending);
  }

  /** A record that is none of ours is passed by; a registry that is away is waited for. */
  private void leaveOut(RecordDeserializationException e) {
    if (!mayPass(e.getCause())) {
      metrics.unreadable();
      LOG.atError()
          .addKeyValue("event", "record.unreadable")
          .addKeyValue("topic", e.topicPartition().topic())
          .addKeyValue("partition", e.topicPartition().partition())
          .addKeyValue("offset", e.offset())
          .addKeyValue("cause", String.valueOf(e.getCause()))
          .log("left out: the record is none that Serin wrote");
      consumer.seek(e.topicPartition(), e.offset() + 1);
      return;
    }
    throw e;
  }

  /** Whether the same bytes may be readable later, because it was the registry that failed. */
  private static boolean mayPass(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SchemaRegistryException registry) {
        return registry.retriable();
      }
      if (cause instanceof SocketException
          || cause instanceof SocketTimeoutException
          || cause instanceof UnknownHostException
          || cause.getClass().getSimpleName().equals("RestClientException")) {
        return true;
      }
    }
    return false;
  }

  /** What changes when partitions come and go. */
  private final class Rebalances implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(partitions));
      for (TopicPartition partition : partitions) {
        OffsetAndMetadata known = committed.get(partition);
        owned.put(
            partition,
            new Owned(
                known == null
                    ? new OffsetLedger()
                    : OffsetLedger.of(new OffsetLedger.Commit(known.offset(), known.metadata()))));
      }
      tellShare();
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      publish();
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
      tellShare();
    }

    private void tellShare() {
      int all = consumer.partitionsFor(names.payloads()).size();
      share.accept(owned.isEmpty() || all == 0 ? 1 : (double) owned.size() / all);
    }
  }
}
