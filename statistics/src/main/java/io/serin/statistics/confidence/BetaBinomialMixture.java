package io.serin.statistics.confidence;

import org.apache.commons.numbers.gamma.LogBeta;
import org.apache.commons.numbers.gamma.RegularizedBeta;

/**
 * The beta-binomial mixture, for sums of increments in [−g, h] with mean 0: exact for a centred
 * Bernoulli variable, where g is its mean and h = 1 − g.
 *
 * @param r r > 0: weight of the prior
 * @param g g > 0: how far an increment may fall below its mean
 * @param h h > 0: how far it may rise above
 * @param oneSided whether only positive sums count
 */
public record BetaBinomialMixture(double r, double g, double h, boolean oneSided)
    implements MixtureMartingale {
  public BetaBinomialMixture {
    if (!(r > 0 && g > 0 && h > 0)) {
      throw new IllegalArgumentException(
          "r, g, h: must be positive, not " + r + ", " + g + ", " + h);
    }
  }

  /** The mixture whose boundary at level alpha is about tightest at intrinsic time v. */
  public static BetaBinomialMixture tunedFor(
      double v, double alpha, double g, double h, boolean oneSided) {
    double rho = NormalMixture.bestRho(v, alpha, oneSided);
    return new BetaBinomialMixture(Math.max(rho - g * h, 1e-3 * g * h), g, h, oneSided);
  }

  @Override
  public double logValue(double s, double v) {
    double range = g + h;
    double x = oneSided ? h / range : 1;
    return v / (g * h) * Math.log(range)
        - (v + h * s) / (h * range) * Math.log(g)
        - (v - g * s) / (g * range) * Math.log(h)
        + logIncompleteBeta((r + v - g * s) / (g * range), (r + v + h * s) / (h * range), x)
        - logIncompleteBeta(r / (g * range), r / (h * range), x);
  }

  @Override
  public double largestSum(double v) {
    return v / g;
  }

  private static double logIncompleteBeta(double a, double b, double x) {
    return x == 1
        ? LogBeta.value(a, b)
        : LogBeta.value(a, b) + Math.log(RegularizedBeta.value(x, a, b));
  }
}
