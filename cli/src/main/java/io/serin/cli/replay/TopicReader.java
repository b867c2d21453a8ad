package io.serin.cli.replay;

import io.serin.analytics.decide.RecordCursor;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.tail.RecordReader;
import io.serin.schemas.topics.Topic;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The committed records of one rollout on one topic, in order, from the beginning to where the
 * topic ended when this was made. A record that is expected is waited for a few seconds: its
 * partition may learn of a commit later than another. Not thread-safe.
 */
final class TopicReader<T extends SpecificRecord> implements RecordCursor<T>, AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration ASK = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Consumer<String, T> consumer;
  private final String rollout;
  private final Map<TopicPartition, Long> ends;
  private final RecordReader reader = new RecordReader(Duration.ofMinutes(1));
  private final Deque<T> waiting = new ArrayDeque<>();

  TopicReader(KafkaConnection connection, Topic topic, String rollout) {
    this.rollout = rollout;
    this.consumer = connection.consumer(Map.of());
    List<TopicPartition> partitions = RecordReader.partitions(consumer, List.of(topic.name()));
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    ends = consumer.endOffsets(partitions, ASK);
  }

  @Override
  public @Nullable T peek(boolean expected) {
    long since = System.nanoTime();
    while (waiting.isEmpty()
        && (!ended() || (expected && System.nanoTime() - since < PATIENCE.toNanos()))) {
      for (ConsumerRecord<String, T> record : reader.poll(consumer, POLL)) {
        if (rollout.equals(record.key()) && record.value() != null) {
          waiting.add(record.value());
        }
      }
    }
    return waiting.peek();
  }

  @Override
  public void advance() {
    if (peek(false) != null) {
      waiting.remove();
    }
  }

  private boolean ended() {
    return RecordReader.reached(consumer, ends);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
