package io.serin.rehearsal.watch;

import io.serin.rehearsal.report.TopicRecords;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.tail.TopicTail;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;

/**
 * Follows Serin's topics from the moment it is made and keeps the records of the rollouts that are
 * watched. It reads committed records only, on a thread of its own, and waits for a broker or a
 * registry that is unavailable.
 */
public final class Watcher implements AutoCloseable {

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);
  private static final List<Topic> WATCHED =
      List.of(
          Topics.REQUESTS,
          Topics.METRICS,
          Topics.VERDICTS,
          Topics.COMMANDS,
          Topics.ACKS,
          Topics.EVENTS,
          Topics.INPUTS);

  private final Map<String, TopicRecords> watched = new ConcurrentHashMap<>();
  private final TopicTail<SpecificRecord> tail;

  private Watcher(KafkaConnection connection) {
    this.tail =
        new TopicTail<>(
            "serin-rehearsal-watcher",
            () -> connection.consumer(Map.of()),
            WATCHED.stream()
                .map(topic -> new TopicTail.Source(topic.name(), new TopicTail.From.End()))
                .toList(),
            PAUSE_AFTER_FAILURE,
            record -> {
              Instant appendedAt = Instant.ofEpochMilli(record.timestamp());
              watched.values().forEach(records -> records.add(record.value(), appendedAt));
            });
  }

  /**
   * Finds the ends of the topics and reads on from there.
   *
   * @param bound how long to wait for topics that do not exist yet
   * @throws IllegalStateException if the topics cannot be read within the bound
   */
  public static Watcher start(KafkaConnection connection, Duration bound)
      throws InterruptedException {
    Watcher watcher = new Watcher(connection);
    watcher.tail.start();
    if (!watcher.tail.awaitCaughtUp(bound)) {
      String trouble = watcher.tail.state().trouble().orElse("no answer");
      watcher.close();
      throw new IllegalStateException("Serin's topics cannot be read: the watcher " + trouble);
    }
    return watcher;
  }

  /** Keeps the records of a rollout from now on. */
  public TopicRecords watch(String rollout) {
    TopicRecords records = new TopicRecords(rollout);
    watched.put(rollout, records);
    return records;
  }

  /** Stops watching a rollout. */
  public void forget(String rollout) {
    watched.remove(rollout);
  }

  @Override
  public void close() {
    tail.close();
  }
}
