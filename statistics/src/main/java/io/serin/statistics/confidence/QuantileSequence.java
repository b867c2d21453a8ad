package io.serin.statistics.confidence;

import io.serin.statistics.Interval;
import io.serin.statistics.sketch.LogSketch;

/**
 * A confidence sequence for one quantile: at every look together, the order statistics of the two
 * ranks enclose it with probability at least 1−α. Needs independent, identically distributed
 * values, and nothing else: no moments, no density. Source: Howard, Ramdas 2022 (beta-binomial
 * mixture).
 *
 * @param p the quantile, in (0, 1)
 * @param alpha error level over all looks
 * @param tunedCount number of values for which the interval is about tightest
 * @param tunedAlpha level that it is tuned for
 */
public record QuantileSequence(double p, double alpha, double tunedCount, double tunedAlpha) {
  public QuantileSequence {
    if (!(p > 0 && p < 1)) {
      throw new IllegalArgumentException("p: must lie strictly between 0 and 1, not " + p);
    }
    if (!(alpha > 0 && alpha < 1 && tunedCount > 0)) {
      throw new IllegalArgumentException(
          "0 < alpha < 1 and tunedCount > 0 are required, not " + alpha + " and " + tunedCount);
    }
  }

  /**
   * Two ranks and how far they lie from p.
   *
   * @param lower 1-based rank; below 1 where there is no lower bound yet
   * @param upper 1-based rank; above the count where there is no upper bound yet
   */
  public record Ranks(double lowerRadius, double upperRadius, long lower, long upper) {}

  /**
   * Radii and ranks after {@code count} values, as published; see {@link #interval} for what they
   * leave open.
   */
  public Ranks ranks(double count) {
    double time = p * (1 - p) * count;
    double lower = below().bound(time, alpha) / count;
    double upper = above().bound(time, alpha) / count;
    return new Ranks(
        lower,
        upper,
        (long) Math.floor(count * (p - lower) + 1),
        (long) Math.ceil(count * (p + upper)));
  }

  /**
   * The interval from a sketch, widened to the outer edges of the bins. An end is open (0, ∞) while
   * no sample of this size could cross its boundary: the published ranks then name the smallest or
   * largest value, which would cover a p99 in 41 % of runs only.
   */
  public Interval interval(LogSketch sketch) {
    double count = (double) sketch.count();
    if (count == 0) {
      return new Interval(0, Double.POSITIVE_INFINITY);
    }
    Ranks ranks = ranks(count);
    boolean openBelow = ranks.lower < 1 || !reaches(below(), count);
    boolean openAbove = ranks.upper > sketch.count() || !reaches(above(), count);
    return new Interval(
        openBelow ? 0 : sketch.lowerBoundOfRank(ranks.lower),
        openAbove ? Double.POSITIVE_INFINITY : sketch.upperBoundOfRank(ranks.upper));
  }

  private BetaBinomialMixture below() {
    return BetaBinomialMixture.tunedFor(p * (1 - p) * tunedCount, tunedAlpha, 1 - p, p, false);
  }

  private BetaBinomialMixture above() {
    return BetaBinomialMixture.tunedFor(p * (1 - p) * tunedCount, tunedAlpha, p, 1 - p, false);
  }

  private boolean reaches(BetaBinomialMixture mixture, double count) {
    double time = p * (1 - p) * count;
    return mixture.logValue(mixture.largestSum(time), time) >= -Math.log(alpha);
  }

  /**
   * An interval for candidate's quantile divided by control's, [L_T/U_C, U_T/L_C], from two
   * sequences at α/2 each: it holds with probability at least 1−α.
   */
  public static Interval ratio(
      LogSketch candidate, LogSketch control, double p, double alpha, double tunedCount) {
    QuantileSequence half = new QuantileSequence(p, alpha / 2, tunedCount, alpha / 2);
    Interval t = half.interval(candidate);
    Interval c = half.interval(control);
    return new Interval(
        c.high() == 0 ? 0 : t.low() / c.high(),
        c.low() == 0 ? Double.POSITIVE_INFINITY : t.high() / c.low());
  }
}
