package io.serin.statistics.confidence;

import io.serin.statistics.Quadrature;

/**
 * The double stitching boundary: holds for all quantiles and all times together, and is narrower
 * away from the median. Source: Howard, Ramdas 2022, theorem 5.
 *
 * @param firstTime t₀ ≥ 1: the time it is tuned for
 * @param delta fineness of the grid of quantiles, > 0
 * @param power s > 1
 * @param growth η > 1
 */
public record DoubleStitching(double firstTime, double delta, double power, double growth) {
  public DoubleStitching {
    if (!(firstTime >= 1 && delta > 0 && power > 1 && growth > 1)) {
      throw new IllegalArgumentException(
          "firstTime >= 1, delta > 0, power > 1, growth > 1 are required");
    }
  }

  /** With δ = .5, s = 1.4 and η = 2. */
  public DoubleStitching(double firstTime) {
    this(firstTime, 0.5, 1.4, 2);
  }

  /** The boundary, in counts, for quantile p at time t. */
  public double bound(double p, double t, double alpha) {
    double time = Math.max(t, firstTime);
    double logit = Math.log(p / (1 - p));
    double near =
        p >= 0.5
            ? p
            : Math.min(
                0.5,
                1 / (1 + Math.exp(-(logit + 2 * delta * Math.sqrt(firstTime * growth / time)))));
    double variance = near * (1 - near);
    double cell = Math.sqrt(time / firstTime) * Math.abs(logit) / (2 * delta) + 1;
    double zeta = Quadrature.zeta(power);
    double ell =
        power * Math.log(Math.log(growth * time / firstTime))
            + power * Math.log(cell)
            + Math.log(2 * zeta * (2 * zeta + 1) / (alpha * Math.pow(Math.log(growth), power)));
    double k1 = (Math.pow(growth, 0.25) + Math.pow(growth, -0.25)) / Math.sqrt(2);
    double linear = (Math.sqrt(growth) + 1) / 2 * (1 - 2 * p) / 3 * ell;
    return delta * Math.sqrt(growth * time * variance / firstTime)
        + Math.sqrt(k1 * k1 * variance * time * ell + linear * linear)
        + linear;
  }
}
