package io.serin.rails;

import io.serin.analytics.controller.Decider;
import io.serin.analytics.decide.Inputs;
import io.serin.analytics.decide.Outputs;
import io.serin.analytics.streams.RecordSize;
import io.serin.analytics.streams.RecordsOf;
import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.WantedRollout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * The shipped judge and controller of one rollout between records: what analytics reads from topics
 * goes in, what it would write comes out, each small enough for a broker. Whatever throws, throws
 * here.
 */
final class ControllerInMemory {
  private final String rollout;
  private final Decider decider;
  private @Nullable Command serving;

  ControllerInMemory(String rollout) {
    this.rollout = rollout;
    this.decider = new Decider(rollout);
  }

  /** The newest command; null before the first. */
  @Nullable Command serving() {
    return serving;
  }

  /** True where a look at the clock would do something. */
  boolean due(long now) {
    return decider.due(now);
  }

  List<SpecificRecord> apply(String run, String file, long at) {
    return step(
        WantedRollout.newBuilder()
            .setRollout(rollout)
            .setRun(run)
            .setFile(file)
            .setAppliedBy("ann")
            .setAppliedAt(Instant.ofEpochMilli(at))
            .build(),
        at);
  }

  /**
   * Acts on one input and gives the records that follow from it; none where analytics would skip
   * the input as unreadable.
   */
  List<SpecificRecord> step(SpecificRecord input, long at) {
    try {
      RecordsOf.check("a topic", input);
    } catch (SerializationException e) {
      return List.of();
    }
    DecisionInput logged =
        DecisionInput.newBuilder()
            .setRollout(rollout)
            .setNumber(decider.status().inputs() + 1)
            .setAt(Instant.ofEpochMilli(at))
            .setInput(input)
            .build();
    List<SpecificRecord> records = new ArrayList<>();
    Inputs.read(copy(logged))
        .ifPresent(
            read ->
                decider
                    .step(read)
                    .forEach(
                        output -> {
                          SpecificRecord record = copy(Outputs.write(rollout, output, serving));
                          int bytes = RecordSize.check(record);
                          if (bytes <= 0) {
                            throw new AssertionError(record);
                          }
                          records.add(record);
                          if (record instanceof Command command) {
                            serving = command;
                          }
                        }));
    return records;
  }

  /** As a reader gets it: written and read. */
  private static <T extends SpecificRecord> T copy(T record) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
      new SpecificDatumWriter<T>(record.getSchema()).write(record, encoder);
      encoder.flush();
      return new SpecificDatumReader<T>(record.getSchema())
          .read(null, DecoderFactory.get().binaryDecoder(out.toByteArray(), null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
