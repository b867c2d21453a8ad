package io.serin.schemas.serdes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads records in Confluent's wire format, written with any compatible version of their schema,
 * into Serin's generated classes. Asks the registry once for each id. Thread-safe.
 */
public final class AvroDeserializer<T extends SpecificRecord> implements Deserializer<T> {

  static {
    AvroTrust.ensure();
  }

  private static final int HEADER = 5;
  private static final ThreadLocal<@Nullable BinaryDecoder> DECODER = new ThreadLocal<>();

  /** Bytes of the record that this thread reads. */
  private static final ThreadLocal<Integer> BOUND = ThreadLocal.withInitial(() -> 0);

  private final Map<Integer, SpecificDatumReader<T>> readers = new ConcurrentHashMap<>();
  private @Nullable SchemaRegistry registry;

  /** For Kafka's clients, which configure it. */
  public AvroDeserializer() {}

  public AvroDeserializer(SchemaRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void configure(Map<String, ?> config, boolean isKey) {
    registry = SchemaRegistry.of(config);
  }

  @Override
  public @Nullable T deserialize(String topic, byte @Nullable [] data) {
    if (data == null) {
      return null;
    }
    if (data.length < HEADER || data[0] != AvroSerializer.MAGIC) {
      throw new SerializationException(
          "a record of "
              + topic
              + " is not in Confluent's wire format: it has "
              + data.length
              + " bytes and must begin with 0x0 and a schema id");
    }
    int id = ByteBuffer.wrap(data, 1, 4).getInt();
    SpecificDatumReader<T> reader = readers.get(id);
    if (reader == null) {
      reader = reader(topic, id);
      readers.put(id, reader);
    }
    try {
      BOUND.set(data.length);
      BinaryDecoder decoder =
          DecoderFactory.get().binaryDecoder(data, HEADER, data.length - HEADER, DECODER.get());
      DECODER.set(decoder);
      return reader.read(null, decoder);
    } catch (IOException | RuntimeException e) {
      throw new SerializationException(
          "a record of " + topic + " does not match its schema " + id + ": " + e, e);
    }
  }

  private SpecificDatumReader<T> reader(String topic, int id) {
    if (registry == null) {
      throw new IllegalStateException("configure() was not called");
    }
    Schema writer = registry.byId(id);
    Class<?> type = SpecificData.get().getClass(writer);
    if (type == null || !SpecificRecord.class.isAssignableFrom(type)) {
      throw new SerializationException(
          "a record of " + topic + " is a " + writer.getFullName() + ", which is not a Serin type");
    }
    return new BoundedReader<>(writer, SpecificData.get().getSchema(type));
  }

  /** Allocates no array or map larger than the record's bytes, whatever length they claim. */
  private static final class BoundedReader<T> extends SpecificDatumReader<T> {

    BoundedReader(Schema writer, Schema reader) {
      super(writer, reader);
    }

    @Override
    protected Object newArray(Object old, int size, Schema schema) {
      return super.newArray(old, bounded(size), schema);
    }

    @Override
    protected Object newMap(Object old, int size) {
      return super.newMap(old, bounded(size));
    }

    private static int bounded(int size) {
      if (size > BOUND.get()) {
        throw new AvroRuntimeException(
            "a collection claims " + size + " entries in a record of " + BOUND.get() + " bytes");
      }
      return size;
    }
  }
}
