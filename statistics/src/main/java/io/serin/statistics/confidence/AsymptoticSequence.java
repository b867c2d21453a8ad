package io.serin.statistics.confidence;

import io.serin.statistics.Interval;

/**
 * Asymptotic confidence sequences of a mean, for display and reports: the normal mixture with the
 * estimated variance. Valid at every look in the limit of large samples; decisions use the exact
 * e-processes instead. Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2021 (time-uniform
 * central limit theory).
 *
 * @param rho mixture parameter ρ > 0
 * @param alpha error level over all looks, in (0, 1); below .5 where one-sided
 * @param oneSided whether one end is infinite
 */
public record AsymptoticSequence(double rho, double alpha, boolean oneSided) {
  public AsymptoticSequence {
    if (!(rho > 0 && alpha > 0 && alpha < (oneSided ? 0.5 : 1))) {
      throw new IllegalArgumentException(
          "rho > 0 and 0 < alpha < "
              + (oneSided ? 0.5 : 1)
              + " are required, not "
              + rho
              + " and "
              + alpha);
    }
  }

  /**
   * Tightest about n units: ρ = √((−2·ln α + ln(1−2·ln α))/n), with 2α in place of α where
   * one-sided.
   */
  public static AsymptoticSequence tunedFor(double n, double alpha, boolean oneSided) {
    double twice = -2 * Math.log(oneSided ? 2 * alpha : alpha);
    return new AsymptoticSequence(Math.sqrt((twice + Math.log1p(twice)) / n), alpha, oneSided);
  }

  /** Half-width after n units whose variance is the given one. */
  public double halfWidth(double variance, double n) {
    double scale = n * rho * rho + 1;
    double logarithm =
        oneSided ? Math.log1p(Math.sqrt(scale) / (2 * alpha)) : Math.log(Math.sqrt(scale) / alpha);
    return Math.sqrt(variance * 2 * scale * logarithm) / (n * rho);
  }

  /** The two-sided interval around an estimate with this standard error. */
  public Interval around(double estimate, double standardError, double n) {
    double half = halfWidth(standardError * standardError * n, n);
    return new Interval(estimate - half, estimate + half);
  }

  /** ln of the two-sided e-value against "the mean is 0". */
  public double logE(double estimate, double standardError, double n) {
    double scale = n * rho * rho + 1;
    double z = estimate / standardError;
    return rho * rho * z * z * n / (2 * scale) - 0.5 * Math.log(scale);
  }

  /**
   * Two-sided: 1/E. One-sided, against "the mean is at most 0": the level whose bound touches 0, at
   * most ½.
   */
  public double pValue(double estimate, double standardError, double n) {
    if (!oneSided) {
      return Math.min(1, Math.exp(-logE(estimate, standardError, n)));
    }
    if (estimate <= 0) {
      return 0.5;
    }
    double scale = n * rho * rho + 1;
    double z = estimate / standardError;
    double exponent = z * z * n * rho * rho / (2 * scale);
    return Math.min(0.5, Math.sqrt(scale) / (2 * Math.expm1(exponent)));
  }
}
