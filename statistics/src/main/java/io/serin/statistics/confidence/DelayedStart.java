package io.serin.statistics.confidence;

import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * The Robbins–Siegmund boundary with a delayed start: for t ≥ t₀, √((Ψ⁻¹(1−α) + ln(t/t₀))/t)
 * standard deviations of one unit, two-sided, with Ψ the distribution function of χ² with three
 * degrees of freedom. Asymptotically exact: its error is α, not just at most α. Source: Robbins,
 * Siegmund 1970; Bibaut, Kallus, Lindon 2022.
 *
 * @param first t₀: number of units before the first look, ≥ 1; Serin: 100
 * @param alpha error level over all looks
 */
public record DelayedStart(double first, double alpha) {
  /** Units before the first look in Serin. */
  public static final double UNITS = 100;

  public DelayedStart {
    if (!(first >= 1 && alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException(
          "first >= 1 and 0 < alpha < 1 are required, not " + first + " and " + alpha);
    }
  }

  /** Half-width for a mean of n units with the given standard deviation; infinite before t₀. */
  public double halfWidth(double standardDeviation, double n) {
    return n < first
        ? Double.POSITIVE_INFINITY
        : standardDeviation * Math.sqrt((quantile(alpha) + Math.log(n / first)) / n);
  }

  /** Ψ⁻¹(1−α). */
  public static double quantile(double alpha) {
    return ChiSquaredDistribution.of(3).inverseSurvivalProbability(alpha);
  }
}
