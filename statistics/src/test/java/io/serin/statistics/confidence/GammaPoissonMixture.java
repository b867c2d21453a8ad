package io.serin.statistics.confidence;

import org.apache.commons.numbers.gamma.LogGamma;
import org.apache.commons.numbers.gamma.RegularizedGamma;

/**
 * The gamma-Poisson mixture, for sums with sub-Poisson increments of scale c (bounded above by c).
 *
 * @param rho ρ > 0, as of the one-sided {@link NormalMixture}
 * @param scale c > 0
 */
public record GammaPoissonMixture(double rho, double scale) implements MixtureMartingale {
  public GammaPoissonMixture {
    if (!(rho > 0 && scale > 0)) {
      throw new IllegalArgumentException("rho, scale: must be positive, not " + rho + ", " + scale);
    }
  }

  public static GammaPoissonMixture tunedFor(double v, double alpha, double scale) {
    return new GammaPoissonMixture(NormalMixture.bestRho(v, alpha, true), scale);
  }

  @Override
  public double logValue(double s, double v) {
    double square = scale * scale;
    double prior = rho / square;
    double rate = (v + rho) / square;
    double shape = s / scale + rate;
    return prior * Math.log(prior)
        - LogGamma.value(prior)
        - Math.log(RegularizedGamma.Q.value(prior, prior))
        + LogGamma.value(shape)
        + Math.log(RegularizedGamma.Q.value(shape, rate))
        - shape * Math.log(rate)
        + v / square;
  }
}
