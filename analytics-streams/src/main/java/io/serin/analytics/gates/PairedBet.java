package io.serin.analytics.gates;

import io.serin.statistics.Numerics;

/**
 * Bets that a candidate is not worse than control, on pairs: exact at every look, whatever drifts.
 *
 * <p>An event: D is 1 where only the candidate has it, −1 where only control has, else 0. Under
 * "candidate minus control is δ or more" the factor 1 − λ(D − δ) has mean at most 1; with a, b and
 * n pairs E = mean over f of (1−f)^a·(1+λ(1+δ))^b·(1+λδ)^(n−a−b), λ = f/(1−δ). A time: the pair's
 * ratio lies above the margin in half of the pairs or more; E = mean over f of (1−f)^a·(1+f)^b. P(E
 * ever ≥ 1/α) ≤ α. Pure.
 */
final class PairedBet {
  /** Log-spaced from .01 to .95, as in the promotion gate. */
  private static final double[] SHARES = new double[12];

  static {
    for (int i = 0; i < SHARES.length; i++) {
      SHARES[i] = StrictMath.exp(StrictMath.log(0.01) + i * StrictMath.log(95) / 11);
    }
  }

  private PairedBet() {}

  /** What one pair adds to a component's ln E: where it speaks against, for, or neither way. */
  private record Steps(double against, double inFavour, double neither) {}

  private static Steps event(double share, double margin) {
    double lambda = share / (1 - margin);
    return new Steps(
        StrictMath.log1p(-share),
        StrictMath.log1p(lambda * (1 + margin)),
        StrictMath.log1p(lambda * margin));
  }

  private static Steps time(double share) {
    return new Steps(StrictMath.log1p(-share), StrictMath.log1p(share), 0);
  }

  /**
   * ln E.
   *
   * @param margin δ of an event; 0 for a time, whose margin is in its counts
   */
  static double logE(long against, long inFavour, long pairs, double margin) {
    double[] terms = new double[SHARES.length];
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < terms.length; i++) {
      Steps steps = margin > 0 ? event(SHARES[i], margin) : time(SHARES[i]);
      terms[i] =
          against * steps.against
              + inFavour * steps.inFavour
              + (pairs - against - inFavour) * steps.neither;
      most = Math.max(most, terms[i]);
    }
    double sum = 0;
    for (double term : terms) {
      sum += StrictMath.exp(term - most);
    }
    return most + StrictMath.log(sum / terms.length);
  }

  /**
   * Pairs by which ln E has reached a height with a probability, where a pair speaks against and in
   * favour with these; infinite where no number is enough.
   */
  static double pairs(double against, double inFavour, double margin, double height, double power) {
    double z = Numerics.normalQuantile(power);
    double fewest = Double.POSITIVE_INFINITY;
    for (double share : SHARES) {
      Steps steps = margin > 0 ? event(share, margin) : time(share);
      double rest = 1 - against - inFavour;
      double mean = against * steps.against + inFavour * steps.inFavour + rest * steps.neither;
      double variance =
          against * steps.against * steps.against
              + inFavour * steps.inFavour * steps.inFavour
              + rest * steps.neither * steps.neither
              - mean * mean;
      if (mean > 0) {
        // The component that grows fastest carries it, with help from its neighbours: of the twelve
        // about three near it count.
        double need = height + StrictMath.log(SHARES.length / 3.0);
        double root =
            (z * Math.sqrt(variance) + Math.sqrt(z * z * variance + 4 * mean * need)) / (2 * mean);
        fewest = Math.min(fewest, root * root);
      }
    }
    return fewest;
  }
}
