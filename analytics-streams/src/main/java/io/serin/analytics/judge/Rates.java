package io.serin.analytics.judge;

import io.serin.statistics.comparison.StratifiedEffect;
import io.serin.statistics.comparison.UnitSums;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Units and those with an event, of both arms, stratum by stratum: strata are combined, never
 * pooled.
 */
final class Rates {
  private static final double LEVEL = 0.05;

  /** {candidate units, control units, candidate events, control events}. */
  private final Map<StratumId, long[]> strata = new TreeMap<>();

  void units(StratumId stratum, long candidate, long control) {
    long[] counts = strata.computeIfAbsent(stratum, s -> new long[4]);
    counts[0] += candidate;
    counts[1] += control;
  }

  void events(StratumId stratum, long candidate, long control) {
    long[] counts = strata.computeIfAbsent(stratum, s -> new long[4]);
    counts[2] += candidate;
    counts[3] += control;
  }

  /** Candidate less control, weighted by n₁n₀/(n₁+n₀) as Mantel and Haenszel do. */
  @Nullable Double difference() {
    double sum = 0;
    double weights = 0;
    for (long[] counts : strata.values()) {
      // A unit's event may be told before its first request is: never more events than units.
      double candidates = Math.max(counts[0], counts[2]);
      double controls = Math.max(counts[1], counts[3]);
      if (candidates > 0 && controls > 0) {
        double weight = candidates * controls / (candidates + controls);
        sum += weight * (counts[2] / candidates - counts[3] / controls);
        weights += weight;
      }
    }
    return weights == 0 ? null : sum / weights;
  }

  /** The anytime interval of the difference, for people. */
  Finding.Range interval() {
    List<StratifiedEffect.Stage> stages = new ArrayList<>();
    for (long[] counts : strata.values()) {
      stages.add(
          new StratifiedEffect.Stage(sums(counts[0], counts[2]), sums(counts[1], counts[3])));
    }
    return Finding.Range.of(StratifiedEffect.of(stages).interval(LEVEL));
  }

  Finding.Arms unitTotal() {
    return new Finding.Arms(total(0), total(1));
  }

  Finding.Arms eventTotal() {
    return new Finding.Arms(total(2), total(3));
  }

  @Nullable Double candidateRate() {
    return rate(total(2), total(0));
  }

  @Nullable Double controlRate() {
    return rate(total(3), total(1));
  }

  List<Finding.Counts> eventStrata() {
    List<Finding.Counts> result = new ArrayList<>();
    strata.forEach(
        (stratum, c) -> {
          if (c[2] + c[3] > 0) {
            result.add(Finding.Counts.of(stratum.stratum(), c[2], c[3]));
          }
        });
    return result;
  }

  private long total(int index) {
    return strata.values().stream().mapToLong(counts -> counts[index]).sum();
  }

  private static UnitSums sums(long units, long events) {
    double n = Math.max(units, events);
    return new UnitSums((long) n, events, n, events, n, events);
  }

  private static @Nullable Double rate(long events, long units) {
    return units == 0 ? null : Double.valueOf((double) events / Math.max(units, events));
  }
}
