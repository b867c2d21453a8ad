package io.serin.statistics.comparison;

import io.serin.statistics.Interval;
import io.serin.statistics.confidence.AsymptoticSequence;
import io.serin.statistics.confidence.DelayedStart;
import java.util.List;

/**
 * Candidate less control, estimated within each stage and combined by inverse variance: a ramp
 * cannot create a difference. For people; the guards decide by e-processes, which are exact.
 *
 * <p>The weights use the variance around the stage's common ratio; the standard error is that of
 * the weighted mean with each arm's own variance or the one around the common ratio, the greater.
 * An arm with no or one event would look nearly certain by its own: "better" was found in .08 to .1
 * of identical A/B tests at a 5 % share.
 *
 * @param estimate difference of ratios
 * @param standardError of the estimate, units independent
 * @param units units of the smaller arm, summed over stages: the clock of the sequences
 */
public record StratifiedEffect(double estimate, double standardError, long units) {
  /** Both arms of one stage. */
  public record Stage(UnitSums candidate, UnitSums control) {}

  /** The combined effect; zero with infinite error where no stage has two units in both arms. */
  public static StratifiedEffect of(List<Stage> stages) {
    double weights = 0;
    double sum = 0;
    double variance = 0;
    long units = 0;
    for (Stage stage : stages) {
      UnitSums a = stage.candidate;
      UnitSums b = stage.control;
      if (a.units() < 2 || b.units() < 2 || a.n() == 0 || b.n() == 0) {
        continue;
      }
      double common = a.merge(b).ratio();
      double floorA = floored(a.varianceAround(common), a);
      double floorB = floored(b.varianceAround(common), b);
      double weight = 1 / (floorA + floorB);
      double own = Math.max(a.variance(), floorA) + Math.max(b.variance(), floorB);
      weights += weight;
      sum += weight * (a.ratio() - b.ratio());
      variance += weight * weight * own;
      units += Math.min(a.units(), b.units());
    }
    return weights == 0
        ? new StratifiedEffect(0, Double.POSITIVE_INFINITY, 0)
        : new StratifiedEffect(sum / weights, Math.sqrt(variance) / weights, units);
  }

  /** At least the variance that half an event would give. */
  private static double floored(double variance, UnitSums arm) {
    return Math.max(variance, 0.5 / (arm.n() * arm.n()));
  }

  /** The anytime interval, from 100 units of the smaller arm on; unbounded before. */
  public Interval interval(double alpha) {
    return interval(alpha, DelayedStart.UNITS);
  }

  /**
   * The anytime interval from {@code first} units of the smaller arm on: ± SE·√(Ψ⁻¹(1−α)+ln(t/t₀)).
   */
  public Interval interval(double alpha, double first) {
    if (units < first || Double.isInfinite(standardError)) {
      return new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
    double half =
        new DelayedStart(first, alpha)
            .halfWidth(standardError * Math.sqrt((double) units), (double) units);
    return new Interval(estimate - half, estimate + half);
  }

  /** The anytime interval by the normal mixture, tightest about {@code tunedUnits}. */
  public Interval mixtureInterval(double alpha, double tunedUnits) {
    return units == 0 || Double.isInfinite(standardError)
        ? new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)
        : AsymptoticSequence.tunedFor(tunedUnits, alpha, false)
            .around(estimate, standardError, (double) units);
  }

  /**
   * ln of the asymptotic e-value against "no difference", tuned for {@code tunedUnits}; 0 where
   * there is nothing.
   */
  public double logE(double alpha, double tunedUnits) {
    return units == 0 || !(standardError > 0) || Double.isInfinite(standardError)
        ? 0
        : AsymptoticSequence.tunedFor(tunedUnits, alpha, false)
            .logE(estimate, standardError, (double) units);
  }
}
