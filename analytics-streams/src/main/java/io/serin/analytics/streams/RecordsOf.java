package io.serin.analytics.streams;

import io.serin.rollout.assignment.Split;
import io.serin.schemas.EventId;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Measurement;
import io.serin.schemas.Observation;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.Rating;
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

  /** Far above every time in microseconds, and every count of tokens: 2<sup>50</sup>. */
  private static final long MOST_MEASURED = 1L << 50;

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

  /**
   * Whether a record of this type can be acted on: ids count from 0, a unit's slots are slots, and
   * what was measured is not negative and not beyond all measure.
   *
   * @throws SerializationException naming what cannot be
   */
  public static void check(String topic, SpecificRecord value) {
    switch (value) {
      case RequestEvent event -> {
        check(topic, event.getId());
        check(topic, event.getMeasurement());
        check(topic, "clientTtftMicros", event.getClientTtftMicros());
        check(topic, "clientDurationMicros", event.getClientDurationMicros());
      }
      case ProgressEvent event -> {
        check(topic, event.getId());
        check(topic, "ttftMicros", event.getTtftMicros());
        check(
            topic, "waitedMillis", 1_000 * Math.clamp(event.getWaitedMillis(), -1, MOST_MEASURED));
      }
      case FeedbackEvent event -> check(topic, event.getId());
      case Observation seen -> {
        check(topic, seen.getLabelSlots());
        check(topic, seen.getWeights());
        check(topic, seen.getMeasurement());
        check(topic, "toldMicros", seen.getToldMicros());
        check(topic, "toldTtftMicros", seen.getToldTtftMicros());
        seen.getPeaks().forEach((measure, peak) -> check(topic, "peaks." + measure, peak + 1));
      }
      case Rating rating -> check(topic, rating.getLabelSlots());
      default -> {}
    }
  }

  private static void check(String topic, EventId id) {
    if (id.getSequence() < 0 || id.getPartition() < 0) {
      throw new SerializationException(
          "a record of " + topic + " has id " + id + "; its numbers must be 0 or greater");
    }
  }

  private static void check(String topic, Map<String, Integer> slots) {
    for (int each : slots.values()) {
      if (each < 0 || each > Split.SLOTS) {
        throw new SerializationException(
            "a record of " + topic + " has slots " + slots + "; there are " + Split.SLOTS);
      }
    }
  }

  private static void check(String topic, Measurement measured) {
    check(topic, "ttftMicros", measured.getTtftMicros());
    check(topic, "durationMicros", measured.getDurationMicros());
    check(topic, "promptTokens", measured.getPromptTokens());
    check(topic, "completionTokens", measured.getCompletionTokens());
    check(topic, "cachedTokens", measured.getCachedTokens());
  }

  private static void check(String topic, String field, @Nullable Long measured) {
    if (measured != null && (measured < 0 || measured > MOST_MEASURED)) {
      throw new SerializationException(
          "a record of "
              + topic
              + " has "
              + field
              + " "
              + measured
              + "; it must lie between 0 and "
              + MOST_MEASURED);
    }
  }

  @Override
  public void close() {
    values.close();
  }
}
