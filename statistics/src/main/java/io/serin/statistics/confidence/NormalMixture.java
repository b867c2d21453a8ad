package io.serin.statistics.confidence;

import io.serin.statistics.Numerics;

/**
 * The normal mixture, for sums with sub-Gaussian increments of total variance V. Two-sided: a
 * normal prior on the drift; one-sided: a half-normal one. Where ln means natural logarithm,
 * two-sided ln value = ½·ln(ρ/(V+ρ)) + S²/(2(V+ρ)).
 *
 * @param rho ρ > 0: the intrinsic time around which the boundary is tightest grows with it
 * @param oneSided whether only positive sums count
 */
public record NormalMixture(double rho, boolean oneSided) implements MixtureMartingale {
  public NormalMixture {
    if (!(rho > 0)) {
      throw new IllegalArgumentException("rho: must be positive, not " + rho);
    }
  }

  /** The mixture whose boundary at level alpha is tightest at intrinsic time v. */
  public static NormalMixture tunedFor(double v, double alpha, boolean oneSided) {
    return new NormalMixture(bestRho(v, alpha, oneSided), oneSided);
  }

  /** ρ = v/(−2·ln α + ln(1−2·ln α)); with 2α in place of α where one-sided. */
  public static double bestRho(double v, double alpha, boolean oneSided) {
    double twice = -2 * Math.log(oneSided ? 2 * alpha : alpha);
    return v / (twice + Math.log1p(twice));
  }

  @Override
  public double logValue(double s, double v) {
    double total = v + rho;
    double square = s * s / (2 * total);
    return oneSided
        ? 0.5 * Math.log(4 * rho / total)
            + square
            + Math.log(Numerics.normalCdf(s / Math.sqrt(total)))
        : 0.5 * Math.log(rho / total) + square;
  }

  @Override
  public double bound(double v, double alpha) {
    return oneSided
        ? MixtureMartingale.super.bound(v, alpha)
        : Math.sqrt((v + rho) * (Math.log1p(v / rho) - 2 * Math.log(alpha)));
  }
}
