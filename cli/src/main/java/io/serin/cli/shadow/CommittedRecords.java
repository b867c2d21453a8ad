package io.serin.cli.shadow;

import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topic;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads what is committed on a topic, from its beginning to where it ends now. */
final class CommittedRecords {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long TELL_EVERY = 100_000;

  private CommittedRecords() {}

  /**
   * Hands each record over, in the order of its partition. Blocks.
   *
   * @param progress told about long reading
   */
  static <T extends SpecificRecord> void read(
      KafkaConnection connection, Topic topic, PrintWriter progress, Consumer<T> each) {
    try (org.apache.kafka.clients.consumer.Consumer<String, T> consumer =
        connection.consumer(Map.of())) {
      @Nullable List<PartitionInfo> known = consumer.partitionsFor(topic.name());
      if (known == null) {
        return;
      }
      List<TopicPartition> partitions =
          known.stream().map(info -> new TopicPartition(info.topic(), info.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long read = 0;
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<String, T> record : consumer.poll(POLL)) {
          if (++read % TELL_EVERY == 0) {
            progress.println(read + " records of " + topic.name() + " read");
            progress.flush();
          }
          if (record.value() != null) {
            each.accept(record.value());
          }
        }
      }
    }
  }
}
