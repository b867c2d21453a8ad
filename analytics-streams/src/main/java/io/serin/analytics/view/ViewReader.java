package io.serin.analytics.view;

import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.tail.ReaderState;
import io.serin.schemas.tail.TopicTail;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Fills the {@link RolloutView} from the topics, on a thread of its own: everything from the
 * beginning, but verdicts of the last day only.
 */
public final class ViewReader implements AutoCloseable {
  private static final Duration PAST = Duration.ofDays(1);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final TopicTail<SpecificRecord> tail;

  public ViewReader(KafkaConnection connection, RolloutView view, InstantSource clock) {
    TopicTail.From lastDay = new TopicTail.From.Since(() -> clock.instant().minus(PAST));
    TopicTail.From beginning = new TopicTail.From.Beginning();
    this.tail =
        new TopicTail<>(
            "serin-views",
            () -> connection.consumer(Map.of(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50)),
            Stream.concat(
                    Stream.of(
                            Topics.COMMANDS,
                            Topics.ACKS,
                            Topics.ROLLOUTS,
                            Topics.ACTIONS,
                            Topics.EVENTS)
                        .map(Topic::name)
                        .map(topic -> new TopicTail.Source(topic, beginning)),
                    Stream.of(new TopicTail.Source(Topics.VERDICTS.name(), lastDay)))
                .toList(),
            PAUSE_AFTER_FAILURE,
            new TopicTail.Handler<>() {
              @Override
              public void read(ConsumerRecord<String, SpecificRecord> record) {
                view.add(record.key(), record.value(), record.timestamp());
              }

              @Override
              public void deleted(ConsumerRecord<String, SpecificRecord> tombstone) {
                if (tombstone.topic().equals(Topics.COMMANDS.name())) {
                  view.deleted(tombstone.key());
                }
              }
            });
  }

  public void start() {
    tail.start();
  }

  /** Whether the view holds everything that was there at the start, and is still being filled. */
  public boolean caughtUp() {
    return tail.caughtUp() && !(tail.state() instanceof ReaderState.Dead);
  }

  /** What the reading thread is doing. */
  ReaderState state() {
    return tail.state();
  }

  @Override
  public void close() {
    tail.close();
  }
}
