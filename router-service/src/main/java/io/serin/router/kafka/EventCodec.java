package io.serin.router.kafka;

import io.serin.router.journal.Death;
import io.serin.router.journal.JournalEvent;
import io.serin.router.journal.Payload;
import io.serin.schemas.EventId;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Outcome;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.serdes.AvroTrust;
import io.serin.schemas.serdes.EncodedRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Between records and the journal's bytes: plain Avro, without a schema id, and without the event's
 * id, which is the frame's. Thread-safe.
 */
final class EventCodec implements Death {

  private static final EventId NOT_YET = new EventId("", 0, 0L);

  /** What {@link #NOT_YET} takes at the beginning of a record: a length and two numbers, all 0. */
  private static final int EMPTY_ID_BYTES = 3;

  /**
   * An event as it is sent.
   *
   * @param unit the record's key
   * @param record its value
   */
  record Ready(String unit, EncodedRecord record) {}

  /** A buffer that gives its bytes away uncopied. */
  private static final class Bytes extends OutputStream {
    byte[] array = new byte[1024];
    int length;

    @Override
    public void write(int b) {
      reserve(1);
      array[length++] = (byte) b;
    }

    @Override
    public void write(byte[] from, int offset, int count) {
      reserve(count);
      System.arraycopy(from, offset, array, length, count);
      length += count;
    }

    private void reserve(int count) {
      if (length + count > array.length) {
        array = Arrays.copyOf(array, Math.max(array.length * 2, length + count));
      }
    }
  }

  private static final class Scratch {
    final Bytes bytes = new Bytes();
    final BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    final RequestEncoder requests = new RequestEncoder();
    @Nullable BinaryDecoder decoder;
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final InstantSource clock;
  private final SchemaStore schemas;
  private final long requestSchema;
  private final long feedbackSchema;
  private final long progressSchema;
  private final SpecificDatumWriter<FeedbackEvent> feedback =
      new SpecificDatumWriter<>(FeedbackEvent.class);
  private final SpecificDatumWriter<ProgressEvent> progress =
      new SpecificDatumWriter<>(ProgressEvent.class);
  private final Map<Long, SpecificDatumReader<SpecificRecord>> readers = new ConcurrentHashMap<>();

  /**
   * @param directory where the schemas of what is written are kept
   * @param clock tells when a request ended that its router's death cut
   */
  EventCodec(Path directory, InstantSource clock) throws IOException {
    AvroTrust.ensure();
    this.clock = clock;
    this.schemas = new SchemaStore(directory);
    this.requestSchema = schemas.keep(RequestEvent.getClassSchema());
    this.feedbackSchema = schemas.keep(FeedbackEvent.getClassSchema());
    this.progressSchema = schemas.keep(ProgressEvent.getClassSchema());
  }

  /**
   * The event's bytes, in a buffer that the thread's next call overwrites.
   *
   * @throws RuntimeException if a field is missing
   */
  Payload encode(RequestEvent event, int partition) {
    event.setId(NOT_YET);
    return encode(
        RecordKind.REQUEST,
        partition,
        requestSchema,
        (scratch, encoder) -> scratch.requests.write(event, encoder));
  }

  /** As {@link #encode(RequestEvent, int)}. */
  Payload encode(FeedbackEvent event, int partition) {
    event.setId(NOT_YET);
    return encode(
        RecordKind.FEEDBACK,
        partition,
        feedbackSchema,
        (scratch, encoder) -> feedback.write(event, encoder));
  }

  /** As {@link #encode(RequestEvent, int)}. */
  Payload encode(ProgressEvent event, int partition) {
    event.setId(NOT_YET);
    return encode(
        RecordKind.PROGRESS,
        partition,
        progressSchema,
        (scratch, encoder) -> progress.write(event, encoder));
  }

  /**
   * The record, with its id.
   *
   * @throws RuntimeException if the bytes cannot be read as what they are said to be
   */
  SpecificRecord decode(JournalEvent event) {
    Payload payload = event.payload();
    RecordKind kind = RecordKind.of(payload.kind());
    SpecificRecord value = decode(kind, payload);
    kind.identify(
        value,
        new EventId(
            name(event.incarnation()) + kind.suffix, payload.partition(), event.sequence()));
    return value;
  }

  /**
   * The record with its id as bytes, and its unit, without reading the rest: the journal's bytes
   * begin with an id that is empty, in three bytes, in whose place the true one is put. Null where
   * the bytes were written with another schema than this build's: they need {@link #decode}.
   *
   * @throws RuntimeException if the bytes cannot be read as what they are said to be
   */
  @Nullable Ready ready(JournalEvent event) {
    Payload payload = event.payload();
    RecordKind kind = RecordKind.of(payload.kind());
    if (payload.schema() != schema(kind)) {
      return null;
    }
    Scratch scratch = SCRATCH.get();
    Bytes bytes = scratch.bytes;
    bytes.length = 0;
    try {
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
      encoder.writeString(name(event.incarnation()) + kind.suffix);
      encoder.writeInt(payload.partition());
      encoder.writeLong(event.sequence());
      encoder.flush();
      bytes.write(payload.bytes(), EMPTY_ID_BYTES, payload.length() - EMPTY_ID_BYTES);
      return new Ready(
          unit(kind, payload, scratch),
          new EncodedRecord(kind.schema, Arrays.copyOf(bytes.array, bytes.length)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long schema(RecordKind kind) {
    return switch (kind) {
      case REQUEST -> requestSchema;
      case FEEDBACK -> feedbackSchema;
      case PROGRESS -> progressSchema;
    };
  }

  private static String unit(RecordKind kind, Payload payload, Scratch scratch) throws IOException {
    BinaryDecoder decoder =
        DecoderFactory.get().binaryDecoder(payload.bytes(), 0, payload.length(), scratch.decoder);
    scratch.decoder = decoder;
    int unit = kind.unitField();
    for (Schema.Field field : kind.schema.getFields().subList(0, unit)) {
      GenericDatumReader.skip(field.schema(), decoder);
    }
    return decoder.readString();
  }

  @Override
  public Payload of(Payload begun, int attempts) {
    RequestEvent event = (RequestEvent) decode(RecordKind.REQUEST, begun);
    Instant now = clock.instant();
    event.setAttempt(attempts + 1);
    event.setLast(true);
    event.setEndedAt(now.isBefore(event.getStartedAt()) ? event.getStartedAt() : now);
    event.getMeasurement().setOutcome(Outcome.ROUTER_DIED);
    event.setClientOutcome(Outcome.ROUTER_DIED);
    return encode(event, begun.partition());
  }

  /** An incarnation as it is written into event ids: 22 characters, base64url. */
  static String name(UUID incarnation) {
    ByteBuffer bytes = ByteBuffer.allocate(16);
    bytes
        .putLong(incarnation.getMostSignificantBits())
        .putLong(incarnation.getLeastSignificantBits());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  /** Writes one record by what the thread keeps for it. */
  private interface Writing {
    void to(Scratch scratch, BinaryEncoder encoder) throws IOException;
  }

  private static Payload encode(RecordKind kind, int partition, long schema, Writing record) {
    Scratch scratch = SCRATCH.get();
    Bytes bytes = scratch.bytes;
    bytes.length = 0;
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, scratch.encoder);
    try {
      record.to(scratch, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      SCRATCH.remove(); // The encoder would flush the half of it before the next event.
      throw e;
    }
    return new Payload(kind.code, partition, schema, bytes.array, bytes.length);
  }

  private SpecificRecord decode(RecordKind kind, Payload payload) {
    SpecificDatumReader<SpecificRecord> reader =
        readers.computeIfAbsent(
            payload.schema(),
            fingerprint -> new SpecificDatumReader<>(schemas.get(fingerprint), kind.schema));
    Scratch scratch = SCRATCH.get();
    BinaryDecoder decoder =
        DecoderFactory.get().binaryDecoder(payload.bytes(), 0, payload.length(), scratch.decoder);
    scratch.decoder = decoder;
    try {
      return reader.read(null, decoder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
