package io.serin.statistics.confidence;

import io.serin.statistics.Interval;
import io.serin.statistics.Numerics;

/**
 * A confidence sequence for a probability: intervals that all contain it, at every look together,
 * with probability at least 1−α. The set of p whose beta-binomial mixture stays below 1/α.
 * Nonasymptotic.
 */
public final class BernoulliSequence {
  private BernoulliSequence() {}

  /**
   * The interval after some trials.
   *
   * @param successes 0 … trials
   * @param trials ≥ 1
   * @param alpha error level
   * @param tunedTrials number of trials for which the interval is about tightest
   * @param tunedAlpha level that it is tuned for
   */
  public static Interval interval(
      double successes, double trials, double alpha, double tunedTrials, double tunedAlpha) {
    if (!(trials > 0 && successes >= 0 && successes <= trials)) {
      throw new IllegalArgumentException(
          "successes: 0 <= successes <= trials and trials > 0 are required, not "
              + successes
              + " of "
              + trials);
    }
    double observed = successes / trials;
    double low =
        observed > 0
            ? Numerics.root(
                p -> excess(p, observed, trials, alpha, tunedTrials, tunedAlpha, 1, -1),
                0,
                observed)
            : 0;
    double high =
        observed < 1
            ? Numerics.root(
                p -> excess(p, observed, trials, alpha, tunedTrials, tunedAlpha, -1, 1),
                observed,
                1)
            : 1;
    return new Interval(low, high);
  }

  private static double excess(
      double p,
      double observed,
      double trials,
      double alpha,
      double tunedTrials,
      double tunedAlpha,
      double atZero,
      double atOne) {
    if (p <= 0) {
      return atZero;
    }
    if (p >= 1) {
      return atOne;
    }
    double variance = p * (1 - p);
    BetaBinomialMixture mixture =
        BetaBinomialMixture.tunedFor(variance * tunedTrials, tunedAlpha, p, 1 - p, false);
    return mixture.logValue((observed - p) * trials, variance * trials) + Math.log(alpha);
  }
}
