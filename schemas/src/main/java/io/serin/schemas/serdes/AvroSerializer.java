package io.serin.schemas.serdes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes records in Confluent's wire format, under subject TopicName-value. Asks the registry once
 * for each (topic, schema). Thread-safe.
 */
public final class AvroSerializer<T extends SpecificRecord> implements Serializer<T> {

  static {
    AvroTrust.ensure();
  }

  static final byte MAGIC = 0;

  private static final class Scratch {
    final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    @Nullable BinaryEncoder encoder;
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final Map<String, Map<Schema, Integer>> ids = new ConcurrentHashMap<>();
  private final Map<Schema, SpecificDatumWriter<T>> writers = new ConcurrentHashMap<>();
  private @Nullable SchemaRegistry registry;
  private boolean autoRegister = true;

  /** For Kafka's clients, which configure it. */
  public AvroSerializer() {}

  public AvroSerializer(SchemaRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void configure(Map<String, ?> config, boolean isKey) {
    if (isKey) {
      throw new IllegalArgumentException(
          "key.serializer is "
              + getClass().getName()
              + ": Serin's keys are UTF-8 strings, since an Avro key would change its partition with the schema id");
    }
    registry = SchemaRegistry.of(config);
    Object auto = config.get(SchemaRegistry.AUTO_REGISTER_CONFIG);
    autoRegister = auto == null || Boolean.parseBoolean(auto.toString());
  }

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable T value) {
    if (value == null) {
      return null;
    }
    Schema schema = value.getSchema();
    int id = id(topic, schema);
    if (value instanceof EncodedRecord encoded) {
      return framed(id, encoded.bytes());
    }
    Scratch scratch = SCRATCH.get();
    ByteArrayOutputStream out = scratch.out;
    out.reset();
    out.write(MAGIC);
    out.write(id >>> 24);
    out.write(id >>> 16);
    out.write(id >>> 8);
    out.write(id);
    try {
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, scratch.encoder);
      scratch.encoder = encoder;
      writers.computeIfAbsent(schema, s -> new SpecificDatumWriter<>(s)).write(value, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      SCRATCH
          .remove(); // its encoder may hold the beginning of this record, and would write it before
      // the next
      throw new SerializationException(
          "a " + schema.getFullName() + " for " + topic + " is not valid: " + e.getMessage(), e);
    }
    return out.toByteArray();
  }

  private static byte[] framed(int id, byte[] avro) {
    byte[] framed = new byte[5 + avro.length];
    framed[0] = MAGIC;
    framed[1] = (byte) (id >>> 24);
    framed[2] = (byte) (id >>> 16);
    framed[3] = (byte) (id >>> 8);
    framed[4] = (byte) id;
    System.arraycopy(avro, 0, framed, 5, avro.length);
    return framed;
  }

  private int id(String topic, Schema schema) {
    Map<Schema, Integer> bySchema =
        ids.computeIfAbsent(topic, ignored -> new ConcurrentHashMap<>());
    Integer id = bySchema.get(schema);
    if (id == null) {
      if (registry == null) {
        throw new IllegalStateException("configure() was not called");
      }
      String subject = topic + "-value";
      id = autoRegister ? registry.register(subject, schema) : registry.idOf(subject, schema);
      bySchema.put(schema, id);
    }
    return id;
  }
}
