package io.serin.rehearsal.watch;

import io.serin.rehearsal.report.Sightings;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.tail.TopicTail;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;

/**
 * Reads what Serin's topics tell from the moment it is made, committed records only, on a thread of
 * its own, and keeps what is told of the rollouts that are watched. A broker or registry that is
 * away is waited for.
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

  private final Map<String, Sightings> watched = new ConcurrentHashMap<>();
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
            record -> tell(record.value(), Instant.ofEpochMilli(record.timestamp())));
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

  /** From now on what is told of a rollout is kept there. */
  public void watch(String rollout, Sightings sightings) {
    watched.put(rollout, sightings);
  }

  /** A rollout is watched no more. */
  public void forget(String rollout) {
    watched.remove(rollout);
  }

  private void tell(SpecificRecord value, Instant appendedAt) {
    Optional<String> only = SeenRecords.rollout(value);
    watched.forEach(
        (rollout, sightings) -> {
          if (only.isEmpty() || only.get().equals(rollout)) {
            SeenRecords.of(value, appendedAt, rollout).ifPresent(sightings::add);
          }
        });
  }

  @Override
  public void close() {
    tail.close();
  }
}
