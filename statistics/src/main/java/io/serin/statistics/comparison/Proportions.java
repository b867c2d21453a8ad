package io.serin.statistics.comparison;

import io.serin.statistics.Interval;
import io.serin.statistics.Numerics;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * Classical tests and intervals of proportions, valid at one look; shown beside the sequential
 * ones.
 */
public final class Proportions {
  /** A statistic and its two-sided p-value. */
  public record Test(double statistic, double pValue) {}

  private Proportions() {}

  /** The pooled z-test of x₁/n₁ = x₂/n₂. */
  public static Test pooledZ(double x1, double n1, double x2, double n2) {
    double pooled = (x1 + x2) / (n1 + n2);
    double z = (x1 / n1 - x2 / n2) / Math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2));
    return new Test(z, 2 * Numerics.normalTail(Math.abs(z)));
  }

  /** The z-test with separate variances. */
  public static Test unpooledZ(double x1, double n1, double x2, double n2) {
    double p1 = x1 / n1;
    double p2 = x2 / n2;
    double z = (p1 - p2) / Math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2);
    return new Test(z, 2 * Numerics.normalTail(Math.abs(z)));
  }

  /** Wilson's score interval of one proportion. */
  public static Interval wilson(double x, double n, double alpha) {
    double z = Numerics.normalUpperQuantile(alpha / 2);
    double p = x / n;
    double scale = 1 + z * z / n;
    double centre = (p + z * z / (2 * n)) / scale;
    double half = z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale;
    return new Interval(centre - half, centre + half);
  }

  /** Newcombe's hybrid score interval of p₁ − p₂. */
  public static Interval newcombe(double x1, double n1, double x2, double n2, double alpha) {
    double p1 = x1 / n1;
    double p2 = x2 / n2;
    Interval a = wilson(x1, n1, alpha);
    Interval b = wilson(x2, n2, alpha);
    return new Interval(
        p1 - p2 - Math.hypot(p1 - a.low(), b.high() - p2),
        p1 - p2 + Math.hypot(a.high() - p1, p2 - b.low()));
  }

  /** McNemar's exact test on discordant pairs: b of one kind, c of the other. */
  public static Test mcNemarExact(long b, long c) {
    long less = Math.min(b, c);
    double p = 2 * BinomialDistribution.of((int) (b + c), 0.5).cumulativeProbability((int) less);
    return new Test(less, Math.min(1, p));
  }

  /** McNemar's χ² test, with or without Edwards' continuity correction. */
  public static Test mcNemar(long b, long c, boolean corrected) {
    double difference = Math.abs((double) b - c) - (corrected ? 1 : 0);
    double statistic = difference * difference / (b + c);
    return new Test(statistic, ChiSquaredDistribution.of(1).survivalProbability(statistic));
  }
}
