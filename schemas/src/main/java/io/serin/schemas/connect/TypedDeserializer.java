package io.serin.schemas.connect;

import io.serin.schemas.Revisions;
import io.serin.schemas.topics.Topics;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a record of another type than the catalogue gives its topic, or with an implausible
 * revision: without it the first use of the value fails, far from the place that can skip it.
 * Topics outside the catalogue pass.
 */
final class TypedDeserializer<T extends SpecificRecord> implements Deserializer<T> {

  private final Deserializer<T> inner;

  TypedDeserializer(Deserializer<T> inner) {
    this.inner = inner;
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    inner.configure(configs, isKey);
  }

  @Override
  public @Nullable T deserialize(String topic, byte @Nullable [] data) {
    return checked(topic, inner.deserialize(topic, data));
  }

  @Override
  public @Nullable T deserialize(String topic, Headers headers, byte @Nullable [] data) {
    return checked(topic, inner.deserialize(topic, headers, data));
  }

  private @Nullable T checked(String topic, @Nullable T value) {
    if (value != null) {
      Topics.named(topic).ifPresent(known -> check(topic, known.value(), value));
    }
    return value;
  }

  private static void check(String topic, Schema wanted, Object value) {
    if (!(value instanceof SpecificRecord specific)
        || !specific.getSchema().getFullName().equals(wanted.getFullName())) {
      String found =
          value instanceof SpecificRecord specific
              ? specific.getSchema().getFullName()
              : value.getClass().getName();
      throw new SerializationException(
          "a record of " + topic + " is a " + found + "; it must be a " + wanted.getFullName());
    }
    if (!Revisions.allPlausible(value)) {
      throw new SerializationException(
          "a record of " + topic + " has a revision outside 0 to " + Revisions.GREATEST);
    }
  }

  @Override
  public void close() {
    inner.close();
  }
}
