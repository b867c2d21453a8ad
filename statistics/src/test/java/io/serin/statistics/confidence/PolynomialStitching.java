package io.serin.statistics.confidence;

import io.serin.statistics.Quadrature;

/**
 * The polynomial stitched boundary: grows like √(V·ln ln V), in closed form, for sub-gamma
 * increments of scale c. Source: Howard et al. 2021, theorem 1.
 *
 * @param smallest v₀ > 0: below it the boundary is constant
 * @param scale c: 0 is sub-Gaussian; negative where the increments are lighter than normal
 * @param power s > 1: how the error is spread over epochs
 * @param growth η > 1: ratio of epochs
 */
public record PolynomialStitching(double smallest, double scale, double power, double growth) {
  public PolynomialStitching {
    if (!(smallest > 0 && power > 1 && growth > 1)) {
      throw new IllegalArgumentException(
          "smallest > 0, power > 1, growth > 1 are required, not "
              + smallest
              + ", "
              + power
              + ", "
              + growth);
    }
  }

  /** With s = 1.4 and η = 2. */
  public PolynomialStitching(double smallest, double scale) {
    this(smallest, scale, 1.4, 2);
  }

  /** The boundary at intrinsic time v, crossed ever with probability at most alpha. */
  public double bound(double v, double alpha) {
    double time = Math.max(v, smallest);
    double k1 = (Math.pow(growth, 0.25) + Math.pow(growth, -0.25)) / Math.sqrt(2);
    double k2 = (Math.sqrt(growth) + 1) / 2;
    double ell =
        power * Math.log(Math.log(growth * time / smallest))
            + Math.log(Quadrature.zeta(power) / Math.pow(Math.log(growth), power))
            - Math.log(alpha);
    double linear = k2 * scale * ell;
    return Math.sqrt(k1 * k1 * time * ell + linear * linear) + linear;
  }
}
