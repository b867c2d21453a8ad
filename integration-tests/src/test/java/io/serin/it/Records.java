package io.serin.it;

import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads topics as any data team would. */
final class Records {

  private Records() {}

  /** Every record of a topic that is committed now. */
  static <T extends SpecificRecord> List<T> all(KafkaConnection kafka, Topic topic) {
    List<T> read = new ArrayList<>();
    try (KafkaConsumer<String, T> consumer = kafka.consumer(Map.of())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(topic.name(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<String, T> record : consumer.poll(Duration.ofMillis(100))) {
          read.add(record.value());
        }
      }
    }
    return read;
  }

  /**
   * Reads a topic from its beginning until a record is what was looked for.
   *
   * @return all records read, that one last
   */
  static <T extends SpecificRecord> List<T> until(
      KafkaConnection kafka, Topic topic, Duration bound, Predicate<T> found) {
    List<T> seen = new ArrayList<>();
    long deadline = System.nanoTime() + bound.toNanos();
    try (KafkaConsumer<String, T> consumer = kafka.consumer(Map.of())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(topic.name(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (System.nanoTime() - deadline < 0) {
        for (ConsumerRecord<String, T> record : consumer.poll(Duration.ofMillis(100))) {
          seen.add(record.value());
          if (found.test(record.value())) {
            return seen;
          }
        }
      }
    }
    throw new AssertionError(
        "not within " + bound.toSeconds() + " s on " + topic.name() + "; seen " + seen.size());
  }
}
