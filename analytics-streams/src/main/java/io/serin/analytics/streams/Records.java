package io.serin.analytics.streams;

import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topic;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.slf4j.Logger;

/** Reading topics with a consumer, beside the topologies. */
public final class Records {
  private Records() {}

  /**
   * Polls once. A record that cannot be read is logged as an error and left out.
   *
   * @param log of whoever reads
   */
  public static Iterable<ConsumerRecord<String, SpecificRecord>> poll(
      Consumer<String, SpecificRecord> consumer, Duration wait, Logger log) {
    try {
      return consumer.poll(wait);
    } catch (RecordDeserializationException e) {
      log.atError()
          .addKeyValue("event", "record.unreadable")
          .addKeyValue("topic", e.topicPartition().topic())
          .addKeyValue("offset", e.offset())
          .log("left out: the record is none that Serin wrote, or the registry is away");
      consumer.seek(e.topicPartition(), e.offset() + 1);
      return List.of();
    }
  }

  /** All partitions of a topic. */
  public static List<TopicPartition> partitions(KafkaConnection connection, Topic topic) {
    return IntStream.range(0, connection.partitions().of(topic))
        .mapToObj(partition -> new TopicPartition(topic.name(), partition))
        .toList();
  }
}
