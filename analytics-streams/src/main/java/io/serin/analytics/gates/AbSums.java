package io.serin.analytics.gates;

import io.serin.analytics.judge.CellKey;
import io.serin.analytics.judge.Cells;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.AbPlan;
import io.serin.rollout.Variant;
import io.serin.statistics.comparison.UnitSums;
import org.jspecify.annotations.Nullable;

/**
 * What an A/B test compares: of each unit's first request, by variant, whether it failed or
 * refused, and the logarithms of its latency and tokens. Kept as whole numbers, so that the order
 * of arrival changes nothing.
 */
final class AbSums {
  private static final String PREFIX = "ab";

  /** Logarithms are kept to a ten-thousandth. */
  private static final double SCALE = 10_000;

  private final Cells cells;

  AbSums(Cells cells) {
    this.cells = cells;
  }

  void observe(Observation observation) {
    if (!observation.first()) {
      return;
    }
    for (AbPlan.Primary metric : AbPlan.Primary.values()) {
      Double value = value(metric, observation);
      if (value != null) {
        long whole = metric.rate() ? value.longValue() : Math.round(value * SCALE);
        String name = name(metric, observation.variant());
        cells.add(name, CellKey.SINGLE, 3, 0, 1);
        cells.add(name, CellKey.SINGLE, 3, 1, whole);
        cells.add(name, CellKey.SINGLE, 3, 2, whole * whole);
      }
    }
  }

  /** The value, or null where the request has none: a failure has no latency and no tokens. */
  private static @Nullable Double value(AbPlan.Primary metric, Observation observation) {
    Long tokens = observation.completionTokens();
    return switch (metric) {
      case ERROR_RATE -> observation.end() == Observation.End.FAILED ? 1.0 : 0.0;
      case REFUSAL_RATE ->
          observation.end() == Observation.End.OK ? (observation.firstRefusal() ? 1.0 : 0.0) : null;
      case LATENCY ->
          observation.end() == Observation.End.OK && observation.latencyMicros() > 0
              ? StrictMath.log((double) observation.latencyMicros())
              : null;
      case TOKENS ->
          observation.end() == Observation.End.OK && tokens != null && tokens > 0
              ? StrictMath.log((double) tokens)
              : null;
    };
  }

  UnitSums of(AbPlan.Primary metric, String variant) {
    String name = name(metric, variant);
    long[] sums = cells.of(name).getOrDefault(CellKey.SINGLE, new long[3]);
    double scale = metric.rate() ? 1 : SCALE;
    double units = sums[0];
    double s = sums[1] / scale;
    return new UnitSums(sums[0], s, units, sums[2] / (scale * scale), units, s);
  }

  UnitSums control(AbPlan.Primary metric) {
    return of(metric, Variant.CONTROL);
  }

  private static String name(AbPlan.Primary metric, String variant) {
    return Cells.owner(PREFIX, metric.text(), variant);
  }
}
