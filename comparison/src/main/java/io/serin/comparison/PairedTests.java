package io.serin.comparison;

import io.serin.statistics.Numerics;
import io.serin.statistics.comparison.Proportions;
import io.serin.statistics.comparison.UnitSums;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * Tests of paired answers at one look. Units are independent, pairs of one unit are not.
 *
 * <p>Events: McNemar's exact test on units, each counted by the sign of its own difference; the
 * interval of the rate difference is Bonett and Price's (2012), widened by the design effect of the
 * units. Ratios: the mean log ratio with the clustered variance of {@link UnitSums}, by Student's t
 * with units − 1 degrees of freedom.
 */
final class PairedTests {
  /** Units below which a ratio has no interval that deserves trust. */
  static final int FEWEST_UNITS = 10;

  private PairedTests() {}

  /** One pair's outcome: its unit, and both sides' numbers, 0 and 1 for an event. */
  record Observation(String unit, double control, double candidate) {}

  /** The observations of a metric in which both sides could be compared. */
  static List<Observation> observations(ComparedMetric metric, List<PairDifference> differences) {
    List<Observation> found = new ArrayList<>();
    for (PairDifference each : differences) {
      Double control = number(each, metric, false);
      Double candidate = number(each, metric, true);
      if (control != null && candidate != null) {
        found.add(new Observation(each.pair().question().unit(), control, candidate));
      }
    }
    return found;
  }

  private static @Nullable Double number(
      PairDifference each, ComparedMetric metric, boolean ofCandidate) {
    if (metric.kind() == ComparedMetric.Kind.RATIO) {
      return each.value(metric, ofCandidate);
    }
    Boolean event = each.event(metric, ofCandidate);
    return event == null ? null : event ? 1.0 : 0.0;
  }

  /** The estimate of a metric; null where there are too few pairs to say anything. */
  static @Nullable Estimate estimate(ComparedMetric metric, List<Observation> pairs, double alpha) {
    if (pairs.isEmpty()) {
      return null;
    }
    return metric.kind() == ComparedMetric.Kind.EVENT
        ? event(metric, pairs, alpha)
        : ratio(metric, pairs, alpha);
  }

  private static Estimate event(ComparedMetric metric, List<Observation> pairs, double alpha) {
    Map<String, double[]> units = new HashMap<>();
    double control = 0;
    double candidate = 0;
    long candidateOnly = 0;
    long controlOnly = 0;
    for (Observation pair : pairs) {
      double[] sums = units.computeIfAbsent(pair.unit(), ignored -> new double[2]);
      sums[0] += pair.candidate() - pair.control();
      sums[1]++;
      control += pair.control();
      candidate += pair.candidate();
      candidateOnly += pair.candidate() > pair.control() ? 1 : 0;
      controlOnly += pair.control() > pair.candidate() ? 1 : 0;
    }
    UnitSums sums = UnitSums.NONE;
    long up = 0;
    long down = 0;
    for (double[] unit : units.values()) {
      sums = sums.plus(unit[0], unit[1]);
      up += unit[0] > 0 ? 1 : 0;
      down += unit[0] < 0 ? 1 : 0;
    }
    double n = pairs.size();
    double p12 = (candidateOnly + 1) / (n + 2);
    double p21 = (controlOnly + 1) / (n + 2);
    double variance = (p12 + p21 - (p12 - p21) * (p12 - p21)) / (n + 2);
    double half =
        Numerics.normalUpperQuantile(alpha / 2)
            * Math.sqrt(variance * designEffect(sums, candidateOnly, controlOnly));
    return new Estimate(
        metric,
        pairs.size(),
        units.size(),
        control / n,
        candidate / n,
        (candidate - control) / n,
        Math.max(-1, p12 - p21 - half),
        Math.min(1, p12 - p21 + half),
        candidateOnly,
        controlOnly,
        up + down == 0 ? 1 : Proportions.mcNemarExact(up, down).pValue());
  }

  /** How much wider units make the interval than as many independent pairs; never narrower. */
  private static double designEffect(UnitSums sums, long candidateOnly, long controlOnly) {
    double n = sums.n();
    if (sums.units() >= n || sums.units() < 2) {
      return 1;
    }
    double mean = sums.ratio();
    double independent = ((candidateOnly + controlOnly) / n - mean * mean) / n;
    return independent > 0 ? Math.max(1, sums.variance() / independent) : 1;
  }

  private static @Nullable Estimate ratio(
      ComparedMetric metric, List<Observation> pairs, double alpha) {
    Map<String, double[]> units = new HashMap<>();
    double control = 0;
    double candidate = 0;
    for (Observation pair : pairs) {
      double[] sums = units.computeIfAbsent(pair.unit(), ignored -> new double[2]);
      sums[0] += Math.log(pair.candidate() / pair.control());
      sums[1]++;
      control += Math.log(pair.control());
      candidate += Math.log(pair.candidate());
    }
    if (units.size() < FEWEST_UNITS) {
      return null;
    }
    UnitSums sums = UnitSums.NONE;
    for (double[] unit : units.values()) {
      sums = sums.plus(unit[0], unit[1]);
    }
    double n = pairs.size();
    double error = Math.sqrt(sums.variance());
    TDistribution t = TDistribution.of(sums.units() - 1.0);
    double half = t.inverseSurvivalProbability(alpha / 2) * error;
    double p =
        error > 0
            ? 2 * t.survivalProbability(Math.abs(sums.ratio()) / error)
            : Math.abs(sums.ratio()) < 1e-12 ? 1 : 0;
    return new Estimate(
        metric,
        pairs.size(),
        units.size(),
        Math.exp(control / n),
        Math.exp(candidate / n),
        Math.exp(sums.ratio()),
        Math.exp(sums.ratio() - half),
        Math.exp(sums.ratio() + half),
        null,
        null,
        Math.min(1, p));
  }
}
