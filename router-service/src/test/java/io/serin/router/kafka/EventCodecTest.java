package io.serin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.router.journal.JournalEvent;
import io.serin.router.journal.Payload;
import io.serin.router.journal.Position;
import io.serin.schemas.EventId;
import io.serin.schemas.Excluded;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Slice;
import io.serin.schemas.Why;
import io.serin.schemas.serdes.AvroSerializer;
import io.serin.schemas.serdes.InMemorySchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings({"NullAway.Init", "EnumOrdinal"}) // Set by JUnit.
class EventCodecTest {

  private static final UUID INCARNATION = new UUID(1, 2);

  @TempDir private Path directory;
  private EventCodec codec;

  @BeforeEach
  void open() throws IOException {
    codec = new EventCodec(directory, () -> Records.NOW.plusSeconds(60));
  }

  @Test
  void shouldReadWhatItWrote() {
    RequestEvent event = Records.request("request-1", "unit-1");

    RequestEvent read = (RequestEvent) codec.decode(journalled(codec.encode(event, 3)));

    assertThat(read.getId()).isEqualTo(new EventId(EventCodec.name(INCARNATION), 3, 5L));
    read.setId(event.getId());
    assertThat(read).isEqualTo(event);
  }

  @Test
  void shouldWriteWhatAvrosOwnWriterWrites() throws IOException {
    SpecificDatumWriter<RequestEvent> avro = new SpecificDatumWriter<>(RequestEvent.class);
    Random random = new Random(7);
    List<List<Slice>> splits =
        List.of(
            List.of(),
            List.of(new Slice("nur-für-Kontrolle", 0, 10_000)),
            List.of(new Slice("candidate", 0, 500), new Slice("control", 500, 10_000)));
    for (int i = 0; i < 2_000; i++) {
      RequestEvent event = Records.request("request-" + i, "unit-" + random.nextInt());
      event.setSplit(splits.get(random.nextInt(3)));
      event.setRevision(random.nextLong());
      event.setStageName(random.nextBoolean() ? "25 %" : "ramp ✓");
      event.setClientRequestId(random.nextBoolean() ? null : "mine-😀");
      event.setLast(random.nextBoolean());
      event.setWhy(Why.values()[random.nextInt(Why.values().length)]);
      event.setQueueMicros(random.nextLong());
      event.setClientOutcome(random.nextBoolean() ? null : Outcome.CUT);
      event.setClientStatus(random.nextBoolean() ? null : random.nextInt());
      event.setClientTtftMicros(random.nextBoolean() ? null : random.nextLong());
      event.setClientDurationMicros(random.nextBoolean() ? null : random.nextLong());
      event.setPriorAnswers(random.nextBoolean() ? null : random.nextInt());
      event.setExcluded(
          random.nextBoolean()
              ? null
              : Excluded.values()[random.nextInt(Excluded.values().length)]);
      Measurement measured = event.getMeasurement();
      measured.setOutcome(Outcome.values()[random.nextInt(Outcome.values().length)]);
      measured.setStatus(random.nextBoolean() ? null : random.nextInt());
      measured.setTtftMicros(random.nextBoolean() ? null : random.nextLong());
      measured.setPromptTokens(random.nextBoolean() ? null : random.nextLong());
      measured.setReasoningTokens(random.nextBoolean() ? null : random.nextLong());
      measured.setCachedTokens(random.nextBoolean() ? null : random.nextLong());
      measured.setFinishReason(random.nextBoolean() ? null : "stop");
      measured.setServedModel(random.nextBoolean() ? null : "modèle-2");
      measured.setSystemFingerprint(random.nextBoolean() ? null : "fp_1");
      measured.setReasoningTtftMicros(random.nextBoolean() ? null : random.nextLong());
      measured.setVisibleTtftMicros(random.nextBoolean() ? null : random.nextLong());
      measured.setRefusal(random.nextBoolean() ? null : random.nextBoolean());

      Payload written = codec.encode(event, 3);

      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(expected, null);
      avro.write(event, encoder);
      encoder.flush();
      assertThat(Arrays.copyOf(written.bytes(), written.length()))
          .isEqualTo(expected.toByteArray());
    }
  }

  @Test
  void shouldSendTheSameBytesWhetherOrNotItReadsThem() {
    AvroSerializer<SpecificRecord> serializer = new AvroSerializer<>(new InMemorySchemaRegistry());
    for (Payload payload :
        List.of(
            copied(codec.encode(Records.request("request-1", "unit-1"), 3)),
            copied(codec.encode(Records.feedback("request-2", "unit-2"), 1)))) {
      JournalEvent event = journalled(payload);
      String topic = RecordKind.of(payload.kind()).topic.name();
      SpecificRecord read = codec.decode(event);

      EventCodec.Ready ready = codec.ready(event);

      assertThat(ready).isNotNull();
      assertThat(ready.unit()).isEqualTo(RecordKind.of(payload.kind()).unit(read));
      assertThat(serializer.serialize(topic, ready.record()))
          .isEqualTo(serializer.serialize(topic, read));
    }
  }

  @Test
  void shouldTellADeadRequestFromItsBeginning() {
    RequestEvent event = Records.request("request-1", "unit-1");

    Payload died = codec.of(copied(codec.encode(event, 3)), 2);

    RequestEvent read = (RequestEvent) codec.decode(journalled(died));
    assertThat(read.getAttempt()).isEqualTo(3);
    assertThat(read.getLast()).isTrue();
    assertThat(read.getClientOutcome()).isEqualTo(Outcome.ROUTER_DIED);
    assertThat(read.getMeasurement().getOutcome()).isEqualTo(Outcome.ROUTER_DIED);
    assertThat(read.getEndedAt()).isEqualTo(Records.NOW.plusSeconds(60));
    assertThat(read.getRequestId()).isEqualTo("request-1");
  }

  @Test
  void shouldReadWhatAnOlderBuildWrote() throws IOException {
    Schema older = without(FeedbackEvent.getClassSchema(), "label");
    long fingerprint = new SchemaStore(directory).keep(older);
    GenericRecord written = new GenericData.Record(older);
    FeedbackEvent event = Records.feedback("request-1", "unit-1");
    for (Schema.Field field : older.getFields()) {
      Object value =
          switch (field.name()) {
            case "id" -> generic(older);
            case "receivedAt" -> Records.NOW.toEpochMilli();
            case "why" -> new GenericData.EnumSymbol(field.schema(), "ASSIGNED");
            default -> event.get(FeedbackEvent.getClassSchema().getField(field.name()).pos());
          };
      written.put(field.name(), value);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(older).write(written, encoder);
    encoder.flush();

    EventCodec newer = new EventCodec(directory, () -> Records.NOW);
    FeedbackEvent read =
        (FeedbackEvent)
            newer.decode(
                journalled(
                    Payload.of(RecordKind.FEEDBACK.code, 1, fingerprint, out.toByteArray())));

    assertThat(read.getRequestId()).isEqualTo("request-1");
    assertThat(read.getLabel()).isNull();
    assertThat(read.getId().getIncarnation()).endsWith(".feedback");
  }

  @Test
  void shouldRefuseAnEventWithoutARequiredField() {
    RequestEvent event = Records.request("request-1", "unit-1");
    event.setRollout(null);

    assertThatThrownBy(() -> codec.encode(event, 0)).isInstanceOf(RuntimeException.class);
    assertThat(codec.decode(journalled(codec.encode(Records.request("request-2", "unit-2"), 0))))
        .as("the next is whole")
        .isInstanceOf(RequestEvent.class);
  }

  private static GenericRecord generic(Schema feedback) {
    GenericRecord id = new GenericData.Record(feedback.getField("id").schema());
    id.put("incarnation", "");
    id.put("partition", 0);
    id.put("sequence", 0L);
    return id;
  }

  private static Schema without(Schema schema, String field) {
    List<Schema.Field> fields =
        schema.getFields().stream()
            .filter(each -> !each.name().equals(field))
            .map(each -> new Schema.Field(each, each.schema()))
            .toList();
    return Schema.createRecord(
        schema.getName(), schema.getDoc(), schema.getNamespace(), false, fields);
  }

  private static Payload copied(Payload payload) {
    return Payload.of(
        payload.kind(),
        payload.partition(),
        payload.schema(),
        Arrays.copyOf(payload.bytes(), payload.length()));
  }

  private static JournalEvent journalled(Payload payload) {
    return new JournalEvent(
        new Position(1, 64), new Position(1, 128), INCARNATION, 5, 0, copied(payload));
  }
}
