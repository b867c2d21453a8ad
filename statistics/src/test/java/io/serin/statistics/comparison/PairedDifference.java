package io.serin.statistics.comparison;

import io.serin.statistics.Interval;
import io.serin.statistics.confidence.AsymptoticSequence;
import io.serin.statistics.confidence.DelayedStart;

/**
 * Pairs of an offline replay compared as log ratios (candidate over the other side), clustered by
 * unit. Mergeable and immutable. For 0/1 outcomes use {@link
 * io.serin.statistics.sequential.PairedEvents}, which is exact.
 *
 * @param sums S = a unit's sum of log ratios, N = its pairs
 */
public record PairedDifference(UnitSums sums) {
  public static final PairedDifference NONE = new PairedDifference(UnitSums.NONE);

  /** With a unit's first pair; both values must be positive. */
  public PairedDifference plus(double candidate, double other) {
    return new PairedDifference(sums.plus(logRatio(candidate, other), 1));
  }

  /**
   * With one pair more of a unit whose log ratios so far sum to {@code oldSum} over {@code
   * oldPairs}.
   */
  public PairedDifference again(double oldSum, double oldPairs, double candidate, double other) {
    return new PairedDifference(sums.again(oldSum, oldPairs, logRatio(candidate, other), 1));
  }

  public PairedDifference merge(PairedDifference other) {
    return new PairedDifference(sums.merge(other.sums));
  }

  public static double logRatio(double candidate, double other) {
    if (!(candidate > 0 && other > 0)) {
      throw new IllegalArgumentException(
          "pair: both values must be positive, not " + candidate + " and " + other);
    }
    return Math.log(candidate / other);
  }

  /** The geometric mean ratio. */
  public double ratio() {
    return Math.exp(sums.ratio());
  }

  /** Its anytime interval, from 100 units on. */
  public Interval interval(double alpha) {
    if (sums.units() < DelayedStart.UNITS) {
      return new Interval(0, Double.POSITIVE_INFINITY);
    }
    double units = sums.units();
    double half =
        new DelayedStart(DelayedStart.UNITS, alpha)
            .halfWidth(Math.sqrt(sums.variance() * units), units);
    return new Interval(Math.exp(sums.ratio() - half), Math.exp(sums.ratio() + half));
  }

  /**
   * ln of the asymptotic e-value against "the mean ratio is {@code margin}"; 0 before 100 units.
   */
  public double logE(double margin, double alpha, double tunedUnits) {
    double error = Math.sqrt(sums.variance());
    if (sums.units() < DelayedStart.UNITS || error == 0) {
      return 0;
    }
    return AsymptoticSequence.tunedFor(tunedUnits, alpha, false)
        .logE(sums.ratio() - Math.log(margin), error, (double) sums.units());
  }
}
