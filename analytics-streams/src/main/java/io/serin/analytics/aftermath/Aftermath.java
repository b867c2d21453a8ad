package io.serin.analytics.aftermath;

import io.serin.analytics.streams.Records;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.connect.KafkaConnection;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads, a moment after each rollback that a first bad request began, what the candidate went on to
 * serve, and tells it on serin.events (ROLLBACK_COUNTED). At least once: where an instance dies
 * between the two, another counts again and tells the same. Reads in a thread of its own, from the
 * log only when there is something to count, and never holds up a decision.
 *
 * <p>Streams that still run two seconds after the confirmation are not in the count. Rollbacks
 * older than a day are left out.
 */
public final class Aftermath implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Aftermath.class);
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
  private final Thread thread;
  private volatile boolean closed;

  public Aftermath(KafkaConnection connection, InstantSource clock) {
    this.connection = connection;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("serin-aftermath").daemon().unstarted(this::run);
  }

  /** Begins; the topics must exist. */
  public void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      try (Consumer<String, SpecificRecord> events =
              connection.consumer(Map.of(ConsumerConfig.GROUP_ID_CONFIG, GROUP));
          Producer<String, RolloutEvent> telling = connection.producer(Map.of())) {
        events.subscribe(List.of(Topics.EVENTS.name()));
        while (!closed) {
          boolean counted = false;
          for (ConsumerRecord<String, SpecificRecord> record : Records.poll(events, POLL, LOG)) {
            counted |= record.value() instanceof RolloutEvent event && count(event, telling);
          }
          if (counted) {
            events.commitSync();
          }
        }
      } catch (KafkaException | ExecutionException e) {
        LOG.atWarn()
            .addKeyValue("event", "aftermath.failed")
            .setCause(e)
            .log("what a candidate served before its rollback cannot be counted; tries again");
        if (!pause(PAUSE_AFTER_FAILURE)) {
          return;
        }
      } catch (InterruptedException stop) {
        return;
      }
    }
  }

  /** Whether there was something to count. */
  private boolean count(RolloutEvent event, Producer<String, RolloutEvent> telling)
      throws ExecutionException, InterruptedException {
    ServedCount count = ServedCount.of(event);
    if (count == null || event.getAt().isBefore(clock.instant().minus(OLD))) {
      return false;
    }
    Instant settled = event.getAt().plus(SETTLED);
    while (!closed && clock.instant().isBefore(settled)) {
      Thread.sleep(50);
    }
    if (closed) {
      throw new InterruptedException("closed");
    }
    read(count);
    telling
        .send(
            new ProducerRecord<>(
                Topics.EVENTS.name(), event.getRollout(), count.event(clock.instant())))
        .get();
    return true;
  }

  /** Reads serin.requests from the first bad request to where it ends now. */
  private void read(ServedCount count) throws InterruptedException {
    try (Consumer<String, SpecificRecord> requests = connection.consumer(Map.of())) {
      List<TopicPartition> partitions = Records.partitions(connection, Topics.REQUESTS);
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
      while (partitions.stream()
          .anyMatch(left -> requests.position(left) < ends.getOrDefault(left, 0L))) {
        if (closed) {
          throw new InterruptedException("closed");
        }
        for (ConsumerRecord<String, SpecificRecord> record : Records.poll(requests, POLL, LOG)) {
          if (record.value() instanceof RequestEvent attempt) {
            count.see(attempt);
          }
        }
      }
    }
  }

  private static boolean pause(Duration time) {
    try {
      Thread.sleep(time);
      return true;
    } catch (InterruptedException stop) {
      return false;
    }
  }

  /** Stops, at most 5 s later; what was not told is counted again by whoever comes next. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
