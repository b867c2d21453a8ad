package io.serin.statistics.confidence;

import org.apache.commons.numbers.gamma.LogGamma;
import org.apache.commons.numbers.gamma.RegularizedGamma;

/**
 * The gamma-exponential mixture, for sums with sub-exponential increments of scale c.
 *
 * @param rho ρ > 0, as of the one-sided {@link NormalMixture}
 * @param scale c > 0
 */
public record GammaExponentialMixture(double rho, double scale) implements MixtureMartingale {
  public GammaExponentialMixture {
    if (!(rho > 0 && scale > 0)) {
      throw new IllegalArgumentException("rho, scale: must be positive, not " + rho + ", " + scale);
    }
  }

  public static GammaExponentialMixture tunedFor(double v, double alpha, double scale) {
    return new GammaExponentialMixture(NormalMixture.bestRho(v, alpha, true), scale);
  }

  @Override
  public double logValue(double s, double v) {
    double square = scale * scale;
    double prior = rho / square;
    double shape = (v + rho) / square;
    double sum = (scale * s + v) / square;
    return prior * Math.log(prior)
        - LogGamma.value(prior)
        - Math.log(RegularizedGamma.P.value(prior, prior))
        + LogGamma.value(shape)
        + Math.log(RegularizedGamma.P.value(shape, sum + prior))
        - shape * Math.log(sum + prior)
        + sum;
  }
}
