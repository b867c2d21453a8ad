package io.serin.analytics.followups;

import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.tail.ReaderState;
import io.serin.schemas.tail.ReaderThread;
import io.serin.schemas.tail.RecordReader;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Counts, a moment after each rollback that a first bad request began, what the candidate still
 * served, and writes the count to serin.events (ROLLBACK_COUNTED). At least once: where an instance
 * dies in between, another counts again and writes the same. It reads the log in its own thread,
 * only when there is something to count, and never delays a decision.
 *
 * <p>Streams that still run two seconds after the confirmation are not in the count. Rollbacks
 * older than a day are skipped.
 */
public final class ServedAfterRollback implements AutoCloseable {
  /** The consumer group; deployments name it in their ACLs. */
  private static final String GROUP = "serin-aftermath";

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration OLD = Duration.ofDays(1);

  /** After the confirmation, for answers that were under way and for their records. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  /** A router's clock may be so far ahead of the broker's that stamps the log. */
  private static final Duration SKEW = Duration.ofSeconds(10);

  private final KafkaConnection connection;
  private final InstantSource clock;
  private final ReaderThread thread;

  public ServedAfterRollback(KafkaConnection connection, InstantSource clock) {
    this.connection = connection;
    this.clock = clock;
    this.thread = new ReaderThread("serin-aftermath", PAUSE_AFTER_FAILURE, this::run);
  }

  /** Begins; the topics must exist. */
  public void start() {
    thread.start();
  }

  private void run(ReaderThread running, RecordReader reader) throws InterruptedException {
    try (Consumer<String, SpecificRecord> events =
            connection.consumer(Map.of(ConsumerConfig.GROUP_ID_CONFIG, GROUP));
        Producer<String, RolloutEvent> producer = connection.producer(Map.of())) {
      events.subscribe(List.of(Topics.EVENTS.name()));
      running.reading();
      while (!running.closing()) {
        boolean counted = false;
        for (ConsumerRecord<String, SpecificRecord> record : reader.poll(events, POLL)) {
          counted |=
              record.value() instanceof RolloutEvent event
                  && count(running, reader, event, producer);
        }
        if (counted) {
          events.commitSync();
        }
      }
    }
  }

  /** Whether there was something to count. */
  private boolean count(
      ReaderThread running,
      RecordReader reader,
      RolloutEvent event,
      Producer<String, RolloutEvent> producer)
      throws InterruptedException {
    ServedCount count = ServedCount.of(event);
    if (count == null || event.getAt().isBefore(clock.instant().minus(OLD))) {
      return false;
    }
    Instant settled = event.getAt().plus(SETTLED);
    while (!running.closing() && clock.instant().isBefore(settled)) {
      Thread.sleep(50);
    }
    if (running.closing()) {
      throw new InterruptedException("closed");
    }
    read(reader, count);
    try {
      producer
          .send(
              new ProducerRecord<>(
                  Topics.EVENTS.name(), event.getRollout(), count.event(clock.instant())))
          .get();
    } catch (ExecutionException e) {
      throw new KafkaException("the count could not be published", e);
    }
    return true;
  }

  /** Reads serin.requests from the first bad request to where it ends now. */
  private void read(RecordReader reader, ServedCount count) {
    try (Consumer<String, SpecificRecord> requests = connection.consumer(Map.of())) {
      List<TopicPartition> partitions =
          RecordReader.partitions(requests, List.of(Topics.REQUESTS.name()));
      requests.assign(partitions);
      long from = count.firstBadAt().minus(SKEW).toEpochMilli();
      Map<TopicPartition, OffsetAndTimestamp> begin =
          requests.offsetsForTimes(
              partitions.stream().collect(Collectors.toMap(partition -> partition, _ -> from)));
      Map<TopicPartition, Long> ends = requests.endOffsets(partitions);
      partitions.forEach(
          partition -> {
            OffsetAndTimestamp first = begin.get(partition);
            requests.seek(partition, first == null ? ends.get(partition) : first.offset());
          });
      reader.readTo(
          requests,
          ends,
          record -> {
            if (record.value() instanceof RequestEvent attempt) {
              count.see(attempt);
            }
          });
    }
  }

  /** What the reading thread is doing. */
  public ReaderState state() {
    return thread.state();
  }

  /** Stops within 5 s; a rollback that was not counted is counted by the next instance. */
  @Override
  public void close() {
    thread.close();
  }
}
