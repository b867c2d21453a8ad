package io.serin.comparison;

import io.serin.statistics.Interval;
import io.serin.statistics.comparison.Effect;
import io.serin.statistics.comparison.MeanSample;
import io.serin.statistics.comparison.MeanTest;
import io.serin.statistics.comparison.Proportions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.distribution.HypergeometricDistribution;
import org.jspecify.annotations.Nullable;

/**
 * Tests of answers to different questions at one look. One number a unit: its first for an event,
 * its mean logarithm for a ratio. Events: Fisher's exact test and Newcombe's interval; ratios:
 * Welch's t-test of the logarithms.
 */
final class IndependentTests {

  private IndependentTests() {}

  static @Nullable Estimate estimate(
      ComparedMetric metric, List<Single> control, List<Single> candidate, double alpha) {
    double[] a = byUnit(metric, control);
    double[] b = byUnit(metric, candidate);
    if (metric.kind() == ComparedMetric.Kind.EVENT) {
      return a.length == 0 || b.length == 0 ? null : event(metric, a, b, alpha);
    }
    return a.length < PairedTests.FEWEST_UNITS || b.length < PairedTests.FEWEST_UNITS
        ? null
        : ratio(metric, a, b, alpha);
  }

  private static double[] byUnit(ComparedMetric metric, List<Single> side) {
    boolean event = metric.kind() == ComparedMetric.Kind.EVENT;
    Map<String, List<Double>> units = new LinkedHashMap<>();
    for (Single each : side) {
      Double number = each.number(metric);
      if (number != null) {
        units
            .computeIfAbsent(each.question().unit(), ignored -> new ArrayList<>())
            .add(event ? number : Math.log(number));
      }
    }
    return units.values().stream()
        .mapToDouble(
            of ->
                event
                    ? of.getFirst()
                    : of.stream().mapToDouble(Double::doubleValue).average().orElseThrow())
        .toArray();
  }

  private static Estimate event(ComparedMetric metric, double[] a, double[] b, double alpha) {
    long x = sum(a);
    long y = sum(b);
    Interval interval = Proportions.newcombe((double) y, b.length, (double) x, a.length, alpha);
    double pa = (double) x / a.length;
    double pb = (double) y / b.length;
    return new Estimate(
        metric,
        a.length + b.length,
        a.length + b.length,
        pa,
        pb,
        pb - pa,
        interval.low(),
        interval.high(),
        null,
        null,
        fisher(x, a.length, y, b.length));
  }

  /** Two-sided: all tables with the same margins that are as unlikely as this, or more. */
  static double fisher(long x, int n, long y, int m) {
    HypergeometricDistribution tables = HypergeometricDistribution.of(n + m, (int) (x + y), n);
    double own = tables.probability((int) x) * (1 + 1e-7);
    double p = 0;
    for (int k = tables.getSupportLowerBound(); k <= tables.getSupportUpperBound(); k++) {
      double probability = tables.probability(k);
      p += probability <= own ? probability : 0;
    }
    return Math.min(1, p);
  }

  private static Estimate ratio(ComparedMetric metric, double[] a, double[] b, double alpha) {
    MeanSample left = sample(a);
    MeanSample right = sample(b);
    Effect effect = Effect.of(left, right, false);
    double low = effect.estimate();
    double high = effect.estimate();
    double p = Math.abs(effect.estimate()) < 1e-12 ? 1 : 0;
    if (effect.standardError() > 0) {
      MeanTest.Result result = MeanTest.atOneLook(effect, MeanTest.Side.TWO_SIDED, alpha, 0);
      low = result.interval().low();
      high = result.interval().high();
      p = result.pValue();
    }
    return new Estimate(
        metric,
        a.length + b.length,
        a.length + b.length,
        Math.exp(left.mean()),
        Math.exp(right.mean()),
        Math.exp(effect.estimate()),
        Math.exp(low),
        Math.exp(high),
        null,
        null,
        p);
  }

  private static MeanSample sample(double[] values) {
    double sum = 0;
    double squares = 0;
    for (double value : values) {
      sum += value;
      squares += value * value;
    }
    return new MeanSample(values.length, sum, squares);
  }

  private static long sum(double[] events) {
    long sum = 0;
    for (double event : events) {
      sum += event > 0.5 ? 1 : 0;
    }
    return sum;
  }
}
