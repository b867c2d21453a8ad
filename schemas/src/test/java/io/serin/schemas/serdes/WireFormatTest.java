package io.serin.schemas.serdes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.schemas.Command;
import io.serin.schemas.EventId;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Tick;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

class WireFormatTest {

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final AvroSerializer<EventId> serializer = new AvroSerializer<>(registry);
  private final AvroDeserializer<EventId> deserializer = new AvroDeserializer<>(registry);

  @Test
  void shouldFrameWithMagicByteAndSchemaId() throws Exception {
    registry.register("other-value", Tick.SCHEMA$); // takes id 1

    byte[] bytes = Objects.requireNonNull(serializer.serialize("t", new EventId("j", 3, 7L)));

    assertThat(bytes[0]).isZero();
    int id = ByteBuffer.wrap(bytes, 1, 4).getInt();
    assertThat(id).isEqualTo(registry.idOf("t-value", EventId.SCHEMA$)).isEqualTo(2);
    GenericRecord plain =
        new GenericDatumReader<GenericRecord>(EventId.SCHEMA$)
            .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));
    assertThat(plain.get("sequence")).isEqualTo(7L);
  }

  @Test
  void shouldReadBackWhatItWrote() {
    EventId event = new EventId("journal", 3, 1L << 40);

    assertThat(deserializer.deserialize("t", serializer.serialize("t", event))).isEqualTo(event);
  }

  @Test
  void shouldReadRecordsOfAnOlderWriter() throws Exception {
    Schema older =
        SchemaBuilder.record("Slice")
            .namespace("io.serin.schemas")
            .fields()
            .requiredString("variant")
            .requiredInt("to")
            .requiredInt("from")
            .endRecord();
    int id = registry.register("t-value", older);
    GenericData.Record slice = new GenericData.Record(older);
    slice.put("variant", "candidate");
    slice.put("from", 0);
    slice.put("to", 500);
    byte[] bytes = framed(id, slice);

    io.serin.schemas.Slice read =
        new AvroDeserializer<io.serin.schemas.Slice>(registry).deserialize("t", bytes);

    assertThat(read).isEqualTo(new io.serin.schemas.Slice("candidate", 0, 500));
  }

  @Test
  void shouldPassNullAsTombstone() {
    assertThat(serializer.serialize("t", null)).isNull();
    assertThat(deserializer.deserialize("t", null)).isNull();
  }

  @Test
  void shouldSayWhatIsWrongWithAForeignRecord() {
    assertThatThrownBy(() -> deserializer.deserialize("serin.acks", new byte[] {1, 2, 3}))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("serin.acks")
        .hasMessageContaining("wire format");
    assertThatThrownBy(() -> deserializer.deserialize("serin.acks", new byte[] {0, 0, 0, 0, 99, 1}))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContaining("99");
  }

  @Test
  void shouldSayWhatIsWrongWithAnIncompleteRecord() {
    AvroSerializer<Command> commands = new AvroSerializer<>(registry);

    assertThatThrownBy(() -> commands.serialize("serin.commands", new Command()))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("Command")
        .hasMessageContaining("serin.commands");
  }

  @Test
  void shouldNotLetAFailedRecordSpoilTheNext() {
    AvroSerializer<RequestEvent> requests = new AvroSerializer<>(registry);
    RequestEvent incomplete = new RequestEvent();
    incomplete.setId(new EventId("a long text that an encoder would buffer", 1, 2L));
    assertThatThrownBy(() -> requests.serialize("serin.requests", incomplete))
        .isInstanceOf(SerializationException.class);

    EventId event = new EventId("journal", 3, 4L);

    assertThat(deserializer.deserialize("t", serializer.serialize("t", event))).isEqualTo(event);
  }

  @Test
  void shouldRefuseToWriteKeys() {
    assertThatThrownBy(
            () ->
                new AvroSerializer<Tick>()
                    .configure(Map.of("schema.registry.url", "mock://k"), true))
        .hasMessageContaining("key.serializer");
  }

  @Test
  void shouldOnlyLookUpWhereRegistrationIsOff() {
    AvroSerializer<Tick> strict = new AvroSerializer<>();
    strict.configure(
        Map.of("schema.registry.url", "mock://strict", "auto.register.schemas", "false"), false);

    assertThatThrownBy(() -> strict.serialize("t", new Tick(Instant.EPOCH)))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContaining("t-value");
  }

  private static byte[] framed(int id, GenericRecord record) throws Exception {
    var out = new java.io.ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
    var encoder = org.apache.avro.io.EncoderFactory.get().binaryEncoder(out, null);
    new org.apache.avro.generic.GenericDatumWriter<GenericRecord>(record.getSchema())
        .write(record, encoder);
    encoder.flush();
    return out.toByteArray();
  }
}
