package io.serin.statistics.design;

import io.serin.statistics.Numerics;
import io.serin.statistics.Quadrature;
import io.serin.statistics.comparison.Effect;
import org.apache.commons.numbers.gamma.LogGamma;
import org.apache.commons.statistics.distribution.TDistribution;

/** Power of tests at one look, and of the asymptotic sequential test at its last. */
public final class Power {
  private Power() {}

  /**
   * Power of the two-sample t-test at d standard deviations, exact, by the noncentral t
   * distribution.
   */
  public static double tTest(double d, double n1, double n2, double alpha, int sides) {
    return noncentral(d / Math.sqrt(1 / n1 + 1 / n2), n1 + n2 - 2, alpha, sides);
  }

  /** Power of the one-sample or paired t-test at d standard deviations, exact. */
  public static double oneSampleTTest(double d, double n, double alpha, int sides) {
    return noncentral(d * Math.sqrt(n), n - 1, alpha, sides);
  }

  private static double noncentral(double shift, double freedom, double alpha, int sides) {
    double critical = TDistribution.of(freedom).inverseSurvivalProbability(alpha / sides);
    double upper = noncentralTTail(critical, freedom, shift);
    return sides == 1 ? upper : upper + noncentralTTail(critical, freedom, -shift);
  }

  /** P(T > t) where T is noncentral t: the mean over the scale s = √(χ²/ν) of Φ(shift − t·s). */
  static double noncentralTTail(double t, double freedom, double shift) {
    double spread = 1 / Math.sqrt(2 * freedom);
    double low = Math.max(0, 1 - 12 * spread - 6 / freedom);
    double high = 1 + 12 * spread + 12 / freedom;
    double logScale =
        freedom / 2 * Math.log(freedom)
            - LogGamma.value(freedom / 2)
            - (freedom / 2 - 1) * Math.log(2);
    return Quadrature.integral(
        s ->
            Math.exp(logScale + (freedom - 1) * Math.log(s) - freedom * s * s / 2)
                * Numerics.normalCdf(shift - t * s),
        low,
        high,
        40);
  }

  /** Power of the z-test of two proportions at Cohen's h, with n units in each arm. */
  public static double proportions(double p1, double p2, double n, double alpha, int sides) {
    double shift = Math.abs(SampleSize.effectSize(p1, p2)) * Math.sqrt(n / 2);
    return normal(shift, Numerics.normalUpperQuantile(alpha / sides), sides);
  }

  /** Power of a normal test whose estimate lies {@code shift} standard errors from 0. */
  static double normal(double shift, double critical, int sides) {
    double upper = Numerics.normalTail(critical - shift);
    return sides == 1 ? upper : upper + Numerics.normalTail(critical + shift);
  }

  /**
   * A metric's mean and variance of one unit, the units of all arms and the number of equal arms,
   * of which one pair is compared relatively.
   *
   * @param tunedUnits units for which the sequential test is tuned; 0 is a test at one look
   */
  public record Relative(
      double mean, double variance, double units, int arms, double alpha, double tunedUnits) {
    /** Two-sided power at a relative effect. */
    public double power(double effect) {
      double each = units / arms;
      double ratio =
          Effect.differenceVariance(
              variance, mean, each, variance, mean * (1 + effect), each, true);
      double error = Math.sqrt(inflation() * ratio);
      return normal(effect / error, Numerics.normalUpperQuantile(alpha / 2), 2);
    }

    /**
     * The smallest positive relative effect found with this power; the far tail is left out.
     *
     * @throws IllegalArgumentException where no effect is large enough: the relative variance grows
     *     with the effect
     */
    public double detectable(double power) {
      double z = Numerics.normalUpperQuantile(alpha / 2) + Numerics.normalQuantile(power);
      double noise = z * z * inflation() * variance / (units / arms) / (mean * mean);
      if (noise >= 1) {
        throw new IllegalArgumentException(
            "units: " + units + " are too few for any relative effect to reach power " + power);
      }
      double a = 1 - noise;
      return (1 + Math.sqrt(1 - a * a)) / a - 1;
    }

    /** By how much looking always multiplies the variance: squared ratio of the half-widths. */
    public double inflation() {
      if (tunedUnits <= 0) {
        return 1;
      }
      double n = 2 * units / arms;
      double wide =
          io.serin.statistics.confidence.AsymptoticSequence.tunedFor(tunedUnits, alpha, false)
              .halfWidth(1, n);
      double z = Numerics.normalUpperQuantile(alpha / 2) / Math.sqrt(n);
      return wide * wide / (z * z);
    }
  }

  /**
   * How many times the units so far are still needed until an effect of {@code target} is found
   * with the given power, for a difference estimated so far with this standard error; 0 where they
   * suffice. Accurate to 1e-5 of power.
   *
   * @param units of both arms so far
   * @param tests number of tests that share alpha equally
   * @param tunedUnits units for which the sequential test is tuned; 0 is a test at one look
   */
  public static double furtherUnits(
      double standardError,
      double units,
      double target,
      double alpha,
      int tests,
      double power,
      double tunedUnits) {
    if (later(standardError, units, target, alpha / tests, tunedUnits, 0) > power) {
      return 0;
    }
    double factor = 1;
    while (later(standardError, units, target, alpha / tests, tunedUnits, factor) < power) {
      factor *= 2;
      if (factor > 1e9) {
        throw new IllegalArgumentException(
            "target: " + target + " is not found with power " + power + " at any size");
      }
    }
    double low = 0;
    double high = factor;
    for (int i = 0; i < 100; i++) {
      double reached = later(standardError, units, target, alpha / tests, tunedUnits, factor);
      if (Math.abs(reached - power) < 1e-5) {
        break;
      }
      if (reached > power) {
        high = factor;
      } else {
        low = factor;
      }
      factor = 0.5 * (low + high);
    }
    return factor;
  }

  private static double later(
      double standardError,
      double units,
      double target,
      double alpha,
      double tunedUnits,
      double factor) {
    double error = standardError / Math.sqrt(1 + factor);
    double n = units * (1 + factor);
    double critical =
        tunedUnits > 0
            ? io.serin.statistics.confidence.AsymptoticSequence.tunedFor(tunedUnits, alpha, false)
                    .halfWidth(standardError * standardError * units, n)
                / error
            : Numerics.normalUpperQuantile(alpha / 2);
    return normal(Math.abs(target) / error, critical, 2);
  }
}
