package io.serin.analytics.decide;

import io.serin.schemas.DecisionInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** The input that a step failed on, kept in the log of inputs so that the step can be repeated. */
final class KeptInput {
  private static final int MOST_BYTES = 256 * 1024;

  private KeptInput() {}

  /** Null where it has more than 256 KiB, or is not valid. */
  static @Nullable ByteBuffer bytes(String rollout, SpecificRecord input, long at) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      DecisionInput kept =
          DecisionInput.newBuilder()
              .setRollout(rollout)
              .setNumber(0)
              .setAt(Instant.ofEpochMilli(at))
              .setInput(input)
              .setBefore(null)
              .build();
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
      new SpecificDatumWriter<DecisionInput>(kept.getSchema()).write(kept, encoder);
      encoder.flush();
    } catch (IOException | RuntimeException e) {
      return null;
    }
    return out.size() > MOST_BYTES ? null : ByteBuffer.wrap(out.toByteArray());
  }

  static DecisionInput read(ByteBuffer bytes) throws IOException {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return new SpecificDatumReader<DecisionInput>(DecisionInput.getClassSchema())
        .read(null, DecoderFactory.get().binaryDecoder(copy, null));
  }
}
