package io.serin.analytics.decide;

import io.serin.schemas.UnitState;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.specific.SpecificData;

/**
 * Units in the state store, in Avro's single-object form: two marker bytes, the fingerprint of the
 * schema they were written with, the value. A later version adds earlier schemas to its decoder and
 * reads what they wrote. Thread-safe.
 */
final class UnitStates {
  private static final int HEADER = 10;

  /** Schemas of earlier versions, as resources. The first knew no running requests. */
  private static final List<String> EARLIER = List.of("unit-state-1.avsc");

  private static final BinaryMessageDecoder<UnitState> DECODER = decoder();

  private UnitStates() {}

  private static BinaryMessageDecoder<UnitState> decoder() {
    BinaryMessageDecoder<UnitState> decoder =
        new BinaryMessageDecoder<>(SpecificData.getForClass(UnitState.class), UnitState.SCHEMA$);
    for (String name : EARLIER) {
      try (InputStream schema = UnitStates.class.getResourceAsStream(name)) {
        decoder.addSchema(new Schema.Parser().parse(Objects.requireNonNull(schema, name)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return decoder;
  }

  static byte[] write(UnitState state) {
    try {
      ByteBuffer bytes = UnitState.getEncoder().encode(state);
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Empty if this version does not know the schema, or the bytes are damaged. */
  static Optional<UnitState> read(byte[] bytes) {
    try {
      return Optional.of(DECODER.decode(bytes));
    } catch (IOException | AvroRuntimeException e) {
      return Optional.empty();
    }
  }

  /** The newest event of a unit, milliseconds since the epoch; 0 if it cannot be read. */
  static long lastSeen(byte[] bytes) {
    if (bytes.length <= HEADER || bytes[0] != (byte) 0xC3 || bytes[1] != 1) {
      return 0;
    }
    try {
      return DecoderFactory.get()
          .binaryDecoder(bytes, HEADER, bytes.length - HEADER, null)
          .readLong();
    } catch (IOException e) {
      return 0;
    }
  }
}
