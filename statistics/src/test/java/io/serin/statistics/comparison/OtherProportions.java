package io.serin.statistics.comparison;

import io.serin.statistics.Interval;
import io.serin.statistics.Numerics;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/** Classical intervals that Serin does not use, held against the reference vectors. */
public final class OtherProportions {
  /** Ranks (1-based) that enclose a quantile, and the exact probability that they do. */
  public record Ranks(long lower, long upper, double coverage) {}

  private OtherProportions() {}

  /** Wald's interval of p₁ − p₂. */
  public static Interval wald(double x1, double n1, double x2, double n2, double alpha) {
    double p1 = x1 / n1;
    double p2 = x2 / n2;
    double half =
        Numerics.normalUpperQuantile(alpha / 2)
            * Math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2);
    return new Interval(p1 - p2 - half, p1 - p2 + half);
  }

  /**
   * Agresti and Caffo's interval of p₁ − p₂: Wald's after adding one success and one failure to
   * each arm.
   */
  public static Interval agrestiCaffo(double x1, double n1, double x2, double n2, double alpha) {
    return wald(x1 + 1, n1 + 2, x2 + 1, n2 + 2, alpha);
  }

  /**
   * Ranks whose order statistics enclose the q-quantile of n independent values with probability ≥
   * 1−α or so.
   */
  public static Ranks quantileRanks(int n, double q, double alpha) {
    BinomialDistribution binomial = BinomialDistribution.of(n, q);
    int lower = binomial.inverseCumulativeProbability(alpha / 2);
    int upper = binomial.inverseCumulativeProbability(1 - alpha / 2) + 1;
    double coverage =
        binomial.cumulativeProbability(upper - 1) - binomial.cumulativeProbability(lower - 1);
    return new Ranks(lower, upper, coverage);
  }
}
