package io.serin.analytics.api;

import io.serin.analytics.streams.Records;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills the {@link RolloutView} from the topics, in a thread of its own, without a group: all from
 * their beginning, but for verdicts of the last day only. After a failure it begins again.
 */
final class ViewReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ViewReader.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PAST = Duration.ofDays(1);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final KafkaConnection connection;
  private final RolloutView view;
  private final InstantSource clock;
  private final Thread thread;
  private volatile @Nullable Consumer<String, SpecificRecord> reading;
  private volatile boolean caughtUp;
  private volatile boolean closed;

  ViewReader(KafkaConnection connection, RolloutView view, InstantSource clock) {
    this.connection = connection;
    this.view = view;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("serin-views").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Whether all that was there at the start is in the view. */
  boolean caughtUp() {
    return caughtUp;
  }

  private void run() {
    while (!closed) {
      try (Consumer<String, SpecificRecord> consumer =
          connection.consumer(Map.of(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50))) {
        reading = consumer;
        read(consumer);
      } catch (WakeupException e) {
        return;
      } catch (KafkaException e) {
        LOG.atWarn()
            .addKeyValue("event", "views.failed")
            .setCause(e)
            .log("the view of rollouts cannot be read; tries again");
        try {
          Thread.sleep(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException stop) {
          return;
        }
      } finally {
        reading = null;
      }
    }
  }

  private void read(Consumer<String, SpecificRecord> consumer) {
    List<TopicPartition> whole = new ArrayList<>();
    whole.addAll(Records.partitions(connection, Topics.COMMANDS));
    whole.addAll(Records.partitions(connection, Topics.ACKS));
    whole.addAll(Records.partitions(connection, Topics.ROLLOUTS));
    whole.addAll(Records.partitions(connection, Topics.ACTIONS));
    whole.addAll(Records.partitions(connection, Topics.EVENTS));
    List<TopicPartition> recent = new ArrayList<>();
    recent.addAll(Records.partitions(connection, Topics.VERDICTS));
    List<TopicPartition> all = new ArrayList<>(whole);
    all.addAll(recent);
    consumer.assign(all);
    consumer.seekToBeginning(whole);
    Map<TopicPartition, Long> since = new HashMap<>();
    recent.forEach(partition -> since.put(partition, clock.instant().minus(PAST).toEpochMilli()));
    Map<TopicPartition, Long> ends = consumer.endOffsets(all);
    for (Map.Entry<TopicPartition, OffsetAndTimestamp> entry :
        consumer.offsetsForTimes(since).entrySet()) {
      OffsetAndTimestamp offset = entry.getValue();
      consumer.seek(
          entry.getKey(), offset == null ? ends.getOrDefault(entry.getKey(), 0L) : offset.offset());
    }
    while (!closed) {
      for (ConsumerRecord<String, SpecificRecord> record : Records.poll(consumer, POLL, LOG)) {
        view.add(record.key(), record.value(), record.timestamp());
      }
      if (!caughtUp) {
        caughtUp =
            ends.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    Consumer<String, SpecificRecord> consumer = reading;
    if (consumer != null) {
      consumer.wakeup();
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
