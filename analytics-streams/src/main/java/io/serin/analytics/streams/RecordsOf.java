package io.serin.analytics.streams;

import io.serin.schemas.EventId;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.connect.KafkaConnection;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of one type and of a bounded size. Anything else on the topic (no value, another
 * type, an id that no producer writes) is as unreadable as garbage, and skipped in the same way:
 * {@link SkipRecord}. Tombstones pass where the topic may hold them.
 */
public final class RecordsOf<T extends SpecificRecord> implements Deserializer<T> {
  /**
   * Most bytes of a record of which a unit's or router's state is made. What one record adds to the
   * state, and what is written of it, then fits a record too.
   */
  private static final int MOST_BYTES = 256 * 1024;

  private final Class<T> type;
  private final Deserializer<? extends SpecificRecord> values;
  private final int mostBytes;
  private final boolean tombstones;

  private RecordsOf(
      Class<T> type,
      Deserializer<? extends SpecificRecord> values,
      int mostBytes,
      boolean tombstones) {
    this.type = type;
    this.values = values;
    this.mostBytes = mostBytes;
    this.tombstones = tombstones;
  }

  /** Of a topic whose records are events. */
  public static <T extends SpecificRecord> Serde<T> events(
      KafkaConnection connection, Class<T> type) {
    return serde(connection, type, MOST_BYTES, false);
  }

  /** Of a compacted topic: whole states of any size that a broker takes, and tombstones. */
  public static <T extends SpecificRecord> Serde<T> states(
      KafkaConnection connection, Class<T> type) {
    return serde(connection, type, Integer.MAX_VALUE, true);
  }

  private static <T extends SpecificRecord> Serde<T> serde(
      KafkaConnection connection, Class<T> type, int mostBytes, boolean tombstones) {
    return Serdes.serdeFrom(
        connection.serializer(),
        new RecordsOf<>(type, connection.deserializer(), mostBytes, tombstones));
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {}

  @Override
  public @Nullable T deserialize(String topic, byte @Nullable [] data) {
    if (data == null) {
      if (tombstones) {
        return null;
      }
      throw new SerializationException("a record of " + topic + " has no value");
    }
    if (data.length > mostBytes) {
      throw new SerializationException(
          "a record of "
              + topic
              + " has "
              + data.length
              + " bytes; at most "
              + mostBytes
              + " are read");
    }
    SpecificRecord value = values.deserialize(topic, data);
    if (!type.isInstance(value)) {
      throw new SerializationException(
          "a record of "
              + topic
              + " is a "
              + value.getSchema().getName()
              + "; a "
              + type.getSimpleName()
              + " was expected");
    }
    check(topic, value);
    return type.cast(value);
  }

  private static void check(String topic, SpecificRecord value) {
    EventId id =
        switch (value) {
          case RequestEvent event -> event.getId();
          case FeedbackEvent event -> event.getId();
          default -> null;
        };
    if (id != null && (id.getSequence() < 0 || id.getPartition() < 0)) {
      throw new SerializationException(
          "a record of " + topic + " has id " + id + "; its numbers must be 0 or greater");
    }
  }

  @Override
  public void close() {
    values.close();
  }
}
