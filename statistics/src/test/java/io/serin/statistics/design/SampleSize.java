package io.serin.statistics.design;

import io.serin.statistics.Numerics;

/**
 * Sample sizes for tests at one look. Numbers are not rounded up; α is two-sided unless said
 * otherwise.
 */
public final class SampleSize {
  /** How the variance of a difference of proportions is taken. */
  public enum Proportion {
    /** Pooled under the null, separate under the alternative: the textbook formula. */
    POOLED,
    /** Separate under both. */
    UNPOOLED,
    /** Variance-stabilised: Cohen's h. */
    ARCSINE
  }

  private SampleSize() {}

  /**
   * Units of the first arm to tell p1 from p2.
   *
   * @param sides 1 or 2
   * @param ratio units of the second arm for each unit of the first
   */
  public static double proportions(
      double p1,
      double p2,
      double alpha,
      double power,
      int sides,
      double ratio,
      Proportion method) {
    double zAlpha = Numerics.normalUpperQuantile(alpha / sides);
    double zPower = Numerics.normalQuantile(power);
    double v1 = p1 * (1 - p1);
    double v2 = p2 * (1 - p2);
    double difference = p1 - p2;
    double pooled = (p1 + ratio * p2) / (1 + ratio);
    double pooledVariance = pooled * (1 - pooled) * (1 + 1 / ratio);
    double root =
        switch (method) {
          case POOLED ->
              (zAlpha * Math.sqrt(pooledVariance) + zPower * Math.sqrt(v1 + v2 / ratio))
                  / difference;
          case UNPOOLED -> (zAlpha + zPower) * Math.sqrt(v1 + v2 / ratio) / difference;
          case ARCSINE -> (zAlpha + zPower) * Math.sqrt(1 + 1 / ratio) / effectSize(p1, p2);
        };
    return root * root;
  }

  /** Cohen's h: 2·asin √p₁ − 2·asin √p₂. */
  public static double effectSize(double p1, double p2) {
    return 2 * Math.asin(Math.sqrt(p1)) - 2 * Math.asin(Math.sqrt(p2));
  }

  /** Units of the first arm to see a difference of means, by the normal approximation. */
  public static double means(
      double difference,
      double variance1,
      double variance2,
      double alpha,
      double power,
      int sides,
      double ratio) {
    double z = Numerics.normalUpperQuantile(alpha / sides) + Numerics.normalQuantile(power);
    return z * z * (variance1 + variance2 / ratio) / (difference * difference);
  }

  /**
   * Units of each of two equal arms for a two-sample t-test to see d standard deviations; exact.
   */
  public static double tTest(double d, double alpha, double power, int sides) {
    return Numerics.rootAbove(n -> Power.tTest(d, n, n, alpha, sides) - power, 2, 2);
  }

  /** Units of a one-sample or paired t-test to see d standard deviations; exact. */
  public static double pairedTTest(double d, double alpha, double power, int sides) {
    return Numerics.rootAbove(n -> Power.oneSampleTTest(d, n, alpha, sides) - power, 2, 2);
  }

  /** Which arms are compared. */
  public enum Comparisons {
    CONTROL_WITH_ALL,
    ALL_WITH_ALL
  }

  /**
   * Units of all arms together, shared as suits the comparisons, so that the mean over comparisons
   * of the smallest detectable difference is the given one. Source: Duflo, Glennerster, Kremer
   * 2007.
   */
  public static double total(
      double difference,
      double variance,
      double alpha,
      double power,
      int arms,
      Comparisons comparisons,
      boolean bonferroni) {
    int pairs = comparisons == Comparisons.CONTROL_WITH_ALL ? arms - 1 : arms * (arms - 1) / 2;
    double[] shares = shares(arms, comparisons);
    double z =
        Numerics.normalUpperQuantile(alpha / (bonferroni ? pairs : 1) / 2)
            + Numerics.normalQuantile(power);
    double sum = 0;
    for (int i = 1; i < arms; i++) {
      for (int j = 0; j < (comparisons == Comparisons.CONTROL_WITH_ALL ? 1 : i); j++) {
        sum += Math.sqrt(1 / shares[i] + 1 / shares[j]);
      }
    }
    double scale = z * sum / (pairs * difference);
    return Math.ceil(scale * scale * variance);
  }

  /** Shares of the arms in proportion to how often they are compared. */
  public static double[] shares(int arms, Comparisons comparisons) {
    double[] shares = new double[arms];
    for (int i = 0; i < arms; i++) {
      shares[i] =
          comparisons == Comparisons.ALL_WITH_ALL ? 1.0 / arms : i == 0 ? 0.5 : 0.5 / (arms - 1);
    }
    return shares;
  }
}
