package io.serin.statistics.confidence;

/**
 * The mixture sequential probability ratio test of a mean difference (Johari et al. 2017), and the
 * boundaries that known products derive from it; for comparison with them.
 */
public final class MixtureSprt {
  private MixtureSprt() {}

  /**
   * √((t+ρ)/t · ln((t+ρ)/(ρα²))): the number of standard errors of a two-sided normal-mixture
   * interval.
   *
   * @param rho as of {@link NormalMixture#bestRho} at the tuned number of units
   */
  public static double multiplier(double t, double rho, double alpha) {
    return Math.sqrt((t + rho) / t * (Math.log((t + rho) / rho) - 2 * Math.log(alpha)));
  }
}
