package io.serin.schemas.tail;

import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls consumers by the rule of {@link Unreadable}: a poison record is skipped, counted and logged
 * with its place; while the registry is unavailable the same record is retried. A null value is
 * poison except on a compacted topic, where it deletes its key. One thread polls; the counters may
 * be read by any.
 */
public final class RecordReader {

  private static final Logger LOG = LoggerFactory.getLogger(RecordReader.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration ASK = Duration.ofSeconds(30);
  private static final long PAUSE_MILLIS = 250;
  private static final long SAY_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Duration patience;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final LongAdder skipped = new LongAdder();
  private volatile @Nullable String waitingFor;
  private long waitingSinceNanos;
  private long saidNanos;

  /** Waits for an unavailable registry indefinitely. */
  public RecordReader() {
    this(Duration.ofNanos(Long.MAX_VALUE));
  }

  /**
   * @param patience how long to wait for an unavailable registry before {@link #poll} throws
   */
  public RecordReader(Duration patience) {
    this.patience = patience;
  }

  /** Poison records skipped since the start. */
  public long skipped() {
    return skipped.sum();
  }

  /** What is unavailable now; null while polls succeed. */
  public @Nullable String waitingFor() {
    return waitingFor;
  }

  /**
   * Polls once.
   *
   * @return records in the order of their partitions; a null value only on a compacted topic
   * @throws RecordDeserializationException when the registry stays unavailable beyond the patience
   * @throws KafkaException as the consumer does
   */
  public <T extends SpecificRecord> List<ConsumerRecord<String, T>> poll(
      Consumer<String, T> consumer, Duration wait) {
    try {
      List<ConsumerRecord<String, T>> read = new ArrayList<>();
      for (ConsumerRecord<String, T> record : consumer.poll(wait)) {
        if (record.value() == null && !compacted(record.topic())) {
          skip(record.topic(), record.partition(), record.offset(), "it has no value");
        } else {
          read.add(record);
        }
      }
      works();
      return read;
    } catch (RecordDeserializationException e) {
      switch (Unreadable.of(e)) {
        case Unreadable.Poison(String why) -> {
          skip(e.topicPartition().topic(), e.topicPartition().partition(), e.offset(), why);
          consumer.seek(e.topicPartition(), e.offset() + 1);
          works();
        }
        case Unreadable.Unavailable(String why) -> await(e, why);
      }
      return List.of();
    }
  }

  /**
   * Reads from the consumer's positions to the given ends. Blocks.
   *
   * @param ends by partition, as {@link Consumer#endOffsets} gives them
   */
  public <T extends SpecificRecord> void readTo(
      Consumer<String, T> consumer,
      Map<TopicPartition, Long> ends,
      java.util.function.Consumer<ConsumerRecord<String, T>> each) {
    while (!reached(consumer, ends)) {
      for (ConsumerRecord<String, T> record : poll(consumer, POLL)) {
        if (record.offset()
            < ends.getOrDefault(
                new TopicPartition(record.topic(), record.partition()), Long.MAX_VALUE)) {
          each.accept(record);
        }
      }
      if (stopped.getCount() == 0) {
        throw new InterruptException("closed");
      }
    }
  }

  /** Whether the consumer's positions have reached the given ends. */
  public static boolean reached(Consumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
    return reached(consumer, ends, ASK);
  }

  static boolean reached(
      Consumer<?, ?> consumer, Map<TopicPartition, Long> ends, Duration timeout) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey(), timeout) >= end.getValue());
  }

  /**
   * All partitions of the topics, as the brokers know them.
   *
   * @throws KafkaException if a topic does not exist
   */
  public static List<TopicPartition> partitions(
      Consumer<?, ?> consumer, Collection<String> topics) {
    return partitions(consumer, topics, ASK);
  }

  static List<TopicPartition> partitions(
      Consumer<?, ?> consumer, Collection<String> topics, Duration timeout) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      var found = consumer.partitionsFor(topic, timeout);
      if (found == null || found.isEmpty()) {
        throw new KafkaException("topic " + topic + " does not exist");
      }
      found.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    return partitions;
  }

  /** Ends every wait at once; for a thread that is being closed. */
  void stop() {
    stopped.countDown();
  }

  private static boolean compacted(String topic) {
    return Topics.named(topic).map(Topic::compacted).orElse(false);
  }

  private void skip(String topic, int partition, long offset, String why) {
    skipped.increment();
    LOG.atError()
        .addKeyValue("event", "record.skipped")
        .addKeyValue("topic", topic)
        .addKeyValue("partition", partition)
        .addKeyValue("offset", offset)
        .addKeyValue("cause", why)
        .log("skipping unreadable record");
  }

  private void works() {
    if (waitingFor != null) {
      waitingFor = null;
      LOG.atInfo().addKeyValue("event", "records.readable").log("records can be read again");
    }
  }

  private void await(RecordDeserializationException e, String why) {
    long now = System.nanoTime();
    boolean first = waitingFor == null;
    if (first) {
      waitingSinceNanos = now;
    }
    waitingFor = why;
    if (now - waitingSinceNanos > patience.toNanos()) {
      throw e;
    }
    if (first || now - saidNanos > SAY_EVERY_NANOS) {
      saidNanos = now;
      LOG.atWarn()
          .addKeyValue("event", "records.waiting")
          .addKeyValue("topic", e.topicPartition().topic())
          .addKeyValue("partition", e.topicPartition().partition())
          .addKeyValue("offset", e.offset())
          .addKeyValue("cause", why)
          .log("waiting for the schema registry; no record is skipped");
    }
    pause(PAUSE_MILLIS);
  }

  /**
   * Waits, or returns at once when stopped.
   *
   * @throws InterruptException if interrupted
   */
  void pause(long millis) {
    try {
      var unused = stopped.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
