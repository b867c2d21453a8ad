package io.serin.statistics.comparison;

import io.serin.statistics.Numerics;

/**
 * A quantile with its variance from the distance of two order statistics, widened where the values
 * come in clusters (users with many requests). Source: Deng, Knoblich, Lu 2018; Yao, Li, Lu 2024,
 * algorithm 1.
 *
 * @param n number of values
 * @param sampled number of values that the two bounds were read from
 * @param level the quantile, in (0, 1)
 * @param quantile its estimate
 * @param lower lower end of its 95 % interval for independent values
 * @param upper upper end
 * @param clusters what makes the values dependent
 */
public record QuantileSample(
    long n,
    double sampled,
    double level,
    double quantile,
    double lower,
    double upper,
    Clusters clusters) {

  /**
   * Sums over clusters: s of values below the quantile, n of all values.
   *
   * @param number of clusters; 0 stands for independent values
   */
  public record Clusters(
      double sumS,
      double sumSquaresS,
      double sumN,
      double sumSquaresN,
      double sumProducts,
      long number) {
    /** Independent values. */
    public static final Clusters NONE = new Clusters(0, 0, 0, 0, 0, 0);

    /** Variance of the share of values below the quantile, by the delta method over clusters. */
    public double variance() {
      double k = number;
      double meanS = sumS / k;
      double meanN = sumN / k;
      double correction = k / (k - 1);
      double varianceS = (sumSquaresS / k - meanS * meanS) * correction;
      double varianceN = (sumSquaresN / k - meanN * meanN) * correction;
      double covariance = (sumProducts / k - meanS * meanN) * correction;
      return (varianceS
              - 2 * meanS / meanN * covariance
              + meanS * meanS / (meanN * meanN) * varianceN)
          / (k * meanN * meanN);
    }
  }

  private static final double SMALLEST = 1e-5;

  /** Variance of the share of values below the quantile, were they independent: p(1−p)/n. */
  public double independentVariance() {
    return level * (1 - level) / n;
  }

  /** The variance of one value, before the floor of 1e-5 that holds from 100 values on. */
  public double rawVariance() {
    if (n <= 1 || clusters.number == 1) {
      return 0;
    }
    double width = (upper - lower) / (2 * Numerics.normalQuantile(0.975));
    double independent = sampled / n * (n - 1) * width * width;
    return clusters.number == 0
        ? independent
        : independent * clusters.variance() / independentVariance();
  }

  /** The variance of one value. */
  public double variance() {
    return n < 100 ? rawVariance() : Math.max(rawVariance(), SMALLEST);
  }
}
