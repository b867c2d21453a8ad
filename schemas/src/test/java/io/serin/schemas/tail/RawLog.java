package io.serin.schemas.tail;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.RecordDeserializationException.DeserializationExceptionOrigin;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** A consumer over one partition of raw values that deserialises as Kafka's own does. */
final class RawLog extends MockConsumer<String, SpecificRecord> {

  private final TopicPartition partition;
  private final List<byte @Nullable []> values;
  private final Deserializer<SpecificRecord> deserializer;

  RawLog(String topic, List<byte @Nullable []> values, Deserializer<SpecificRecord> deserializer) {
    super("earliest");
    this.partition = new TopicPartition(topic, 0);
    this.values = values;
    this.deserializer = deserializer;
    updatePartitions(
        topic, List.of(new PartitionInfo(topic, 0, Node.noNode(), new Node[0], new Node[0])));
    updateBeginningOffsets(Map.of(partition, 0L));
    updateEndOffsets(Map.of(partition, (long) values.size()));
  }

  @Override
  public synchronized ConsumerRecords<String, SpecificRecord> poll(Duration wait) {
    long at = position(partition);
    if (at < values.size()) {
      byte[] value = values.get((int) at);
      try {
        addRecord(
            new ConsumerRecord<>(
                partition.topic(),
                0,
                at,
                "assistant",
                deserializer.deserialize(partition.topic(), value)));
      } catch (RuntimeException e) {
        throw new RecordDeserializationException(
            DeserializationExceptionOrigin.VALUE,
            partition,
            at,
            0,
            TimestampType.LOG_APPEND_TIME,
            ByteBuffer.allocate(0),
            ByteBuffer.wrap(value == null ? new byte[0] : value),
            new RecordHeaders(),
            "cannot be deserialised",
            e);
      }
    }
    return super.poll(Duration.ZERO);
  }
}
