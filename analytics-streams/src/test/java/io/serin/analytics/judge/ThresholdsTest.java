package io.serin.analytics.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.serin.analytics.observation.Measure;
import io.serin.analytics.observation.Observation;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** When a threshold is read again: where control has left it, and not where it has not. */
class ThresholdsTest {
  private static final long START = 1_000_000_000;
  private static final long MINUTE = 60_000;
  private static final int PER_SECOND = 4;

  private final Cells cells = new Cells();
  private Thresholds thresholds = new Thresholds(Measure.LATENCY, cells);

  @Test
  void shouldLeaveAThresholdOfAColdStartWithinMinutes() {
    Random random = new Random(1);
    run(0, MINUTE / 2, at -> millis(random, 800));
    run(MINUTE / 2, 6 * MINUTE, at -> millis(random, 80));

    assertThat(p95()).isCloseTo(80 * Math.exp(1.645 * 0.3), within(15.0));
    assertThat(version().number() / 2).as("versions after the first").isBetween(1, 4);
  }

  @Test
  void shouldKeepAThresholdThatHolds() {
    int versions = 0;
    for (int seed = 0; seed < 20; seed++) {
      thresholds = new Thresholds(Measure.LATENCY, new Cells());
      Random random = new Random(seed);
      run(0, 50 * MINUTE, at -> millis(random, 80));
      versions += version().number() / 2;
      assertThat(p95()).isCloseTo(131, within(45.0));
    }
    assertThat(versions / 20.0).as("more versions in 50 quiet minutes, mean of 20").isLessThan(3.5);
  }

  @Test
  void shouldReadAgainEachHour() {
    Random random = new Random(2);
    run(0, 3 * 60 * MINUTE, at -> millis(random, 80));

    assertThat(version().from()).isGreaterThan(START + 2 * 60 * MINUTE - 20_000);
  }

  @Test
  void shouldNotReadConstantValuesAgain() {
    run(0, 50 * MINUTE, at -> 100_000);

    assertThat(version().number()).as("20 units, then 100, and no more").isEqualTo(2);
  }

  @Test
  void shouldGoOnFromItsCellsAsIfItHadNeverStopped() {
    Map<CellKey, long[]> store = new HashMap<>();
    Random one = new Random(3);
    Random other = new Random(3);
    for (int minute = 0; minute < 30; minute++) {
      double median = minute < 2 ? 500 : 90;
      run(minute * MINUTE, (minute + 1) * MINUTE, at -> millis(one, median));
    }
    Thresholds whole = thresholds;
    Cells kept = new Cells();
    for (int minute = 0; minute < 30; minute++) {
      kept = Cells.of(store);
      thresholds = new Thresholds(Measure.LATENCY, kept);
      double median = minute < 2 ? 500 : 90;
      run(minute * MINUTE, (minute + 1) * MINUTE, at -> millis(other, median));
      kept.drain()
          .forEach(
              (name, values) -> {
                if (values.length == 0) {
                  store.remove(name);
                } else {
                  store.put(name, values);
                }
              });
    }

    assertThat(thresholds.newest())
        .extracting(Thresholds.Version::number, Thresholds.Version::from, v -> v.quantile(0.95))
        .isEqualTo(
            whole.newest().stream()
                .map(
                    v ->
                        org.assertj.core.groups.Tuple.tuple(v.number(), v.from(), v.quantile(0.95)))
                .toList());
  }

  private static double millis(Random random, double median) {
    return 1_000 * median * Math.exp(0.3 * random.nextGaussian());
  }

  /** Control's first requests, evenly, from one time after the start to another. */
  private void run(long from, long to, ToDoubleFunction<Long> micros) {
    for (long at = START + from; at < START + to; at += 1_000 / PER_SECOND) {
      thresholds.advance(at);
      thresholds.learn(observation(at, Math.round(micros.applyAsDouble(at))));
    }
  }

  private Thresholds.Version version() {
    return thresholds.newest().getFirst();
  }

  private double p95() {
    return version().quantile(0.95) / 1_000;
  }

  private static Observation observation(long at, long micros) {
    return new Observation(
        "run-1",
        0,
        "u" + at,
        "control",
        at,
        "new",
        Map.of("control", 7_500, "candidate", 2_500),
        Map.of("control", 7_500, "candidate", 2_500),
        new Observation.FirstEvents(true, true, false, false, false, false, Map.of()),
        false,
        Observation.End.OK,
        null,
        micros,
        20L,
        false,
        null);
  }
}
