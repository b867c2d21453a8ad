package io.serin.cli.shadow;

import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.tail.RecordReader;
import io.serin.schemas.topics.Topic;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads what is committed on a topic, from its beginning to where it ends now. */
final class CommittedRecords {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
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
      if (!consumer.listTopics().containsKey(topic.name())) {
        return;
      }
      List<TopicPartition> partitions = RecordReader.partitions(consumer, List.of(topic.name()));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      LongAdder read = new LongAdder();
      RecordReader reader = new RecordReader(PATIENCE);
      reader.readTo(
          consumer,
          consumer.endOffsets(partitions),
          record -> {
            read.increment();
            if (read.sum() % TELL_EVERY == 0) {
              progress.println(read + " records of " + topic.name() + " read");
              progress.flush();
            }
            each.accept(record.value());
          });
      if (reader.skipped() > 0) {
        progress.println(reader.skipped() + " unreadable records of " + topic.name() + " skipped");
        progress.flush();
      }
    }
  }
}
