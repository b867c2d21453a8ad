package io.serin.statistics.confidence;

import io.serin.statistics.Numerics;

/**
 * The mixture sequential probability ratio test as other products have it, held against the
 * reference vectors.
 */
public final class OtherSprt {
  private OtherSprt() {}

  /**
   * Λ_n = √(V/(V+nτ²)) · exp(n²τ²d²/(2V(V+nτ²))).
   *
   * @param n pairs
   * @param difference d: observed difference of means less the hypothesised one
   * @param variance V: variance of one pair's difference
   * @param mixture τ²: variance of the mixing distribution
   */
  public static double likelihoodRatio(
      double n, double difference, double variance, double mixture) {
    double total = variance + n * mixture;
    return Math.sqrt(variance / total)
        * Math.exp(n * n * mixture * difference * difference / (2 * variance * total));
  }

  /**
   * The mixing variance τ² that suits a test cut off after {@code truncation} pairs of standard
   * deviation sigma.
   */
  public static double mixingVariance(double alpha, double sigma, double truncation) {
    double variance = sigma * sigma;
    double b = -2 * Math.log(alpha) / Math.sqrt(truncation * variance);
    double tail = Numerics.normalTail(b);
    return variance * tail / (Numerics.normalDensity(b) / b - tail);
  }

  /**
   * √((V+τ)/τ · (−2·ln(α/2) + ln((V+τ)/V))) with τ/V = z²/2, z = Φ⁻¹(1−α/2): the number of standard
   * errors where the mixing variance is tied to the sampling variance, constant in the sample size
   * for an equal split.
   */
  public static double tiedMultiplier(double alpha) {
    double z = Numerics.normalUpperQuantile(alpha / 2);
    double ratio = z * z / 2;
    return Math.sqrt((1 + ratio) / ratio * (-2 * Math.log(alpha / 2) + Math.log1p(ratio)));
  }
}
