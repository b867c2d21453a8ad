package io.serin.analytics.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.UnitHistory;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.EventId;
import io.serin.schemas.RolloutState;
import io.serin.schemas.UnitState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UnitStatesTest {
  private static final Split SPLIT =
      Split.all("control").reweight(Map.of("control", 7_500, "candidate", 2_500));
  private static final String FILE =
      """
      rollout: assistant
      unit: [header:x-user-id]
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      stages:
        - {weight: 50%, for: 1h}
      """;

  @Test
  void shouldReadWhatItWrote() {
    UnitState state = state();

    assertThat(UnitStates.read(UnitStates.write(state))).contains(state);
    assertThat(UnitStates.lastSeen(UnitStates.write(state))).isEqualTo(1_700_000_000_000L);
  }

  @Test
  void shouldReadWhatTheVersionBeforeRunningRequestsWrote() throws IOException {
    Schema earlier;
    try (InputStream schema = UnitStates.class.getResourceAsStream("unit-state-1.avsc")) {
      earlier = new Schema.Parser().parse(schema);
    }
    UnitState state = state();
    ByteBuffer written =
        new BinaryMessageEncoder<>(GenericData.get(), earlier).encode(asWrittenBy(earlier, state));
    byte[] bytes = new byte[written.remaining()];
    written.get(bytes);

    assertThat(UnitStates.read(bytes)).contains(state);
  }

  private static Object asWrittenBy(Schema earlier, UnitState state) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new SpecificDatumWriter<>(UnitState.class).write(state, encoder);
    encoder.flush();
    return new GenericDatumReader<>(UnitState.getClassSchema(), earlier)
        .read(null, DecoderFactory.get().binaryDecoder(out.toByteArray(), null));
  }

  static Stream<byte[]> unreadable() {
    byte[] written = UnitStates.write(state());
    byte[] foreign = written.clone();
    foreign[5] ^= 0x55;
    byte[] cut = Arrays.copyOf(written, written.length / 2);
    return Stream.of(foreign, cut, new byte[0], new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3});
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void shouldTakeAUnitForNewWhoseStateItCannotRead(byte[] kept) {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE);
      serin.send(serin.request("u1").build());
      String key = serin.units().getFirst();
      serin.remembered().put(key, kept);

      serin.send(serin.request("u1").build());

      assertThat(UnitStates.read(kept)).isEmpty();
      assertThat(UnitStates.read(serin.remembered().get(key))).isPresent();
      assertThat(serin.meters.get("serin.units.forgotten").counter().count()).isEqualTo(1);
      assertThat(serin.newest().getState()).isEqualTo(RolloutState.RUNNING);
    }
  }

  private static UnitState state() {
    UnitHistory history = new UnitHistory();
    history.see(
        new UnitHistory.Request(
            3,
            SPLIT,
            "candidate",
            1,
            1_700_000_000_000L,
            Observation.End.FAILED,
            false,
            true,
            120L,
            900,
            40L,
            null,
            null,
            2));
    history.rate(new UnitHistory.Rating(0, "control", 5, true, new EventId("r", 1, 2L)));
    return history.state();
  }
}
