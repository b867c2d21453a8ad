package io.serin.statistics.design;

import io.serin.statistics.Numerics;
import io.serin.statistics.confidence.MixtureSprt;
import io.serin.statistics.confidence.NormalMixture;

/**
 * How many requests a comparison needs: for proportions, means and quantiles, with users who
 * return, unequal shares, and the price of looking at any time.
 *
 * @param alpha two-sided error level
 * @param power in (alpha, 1)
 * @param share ρ of the candidate, in (0, 1)
 * @param requestsPerUnit m̄ ≥ 1: mean requests of a unit
 * @param variation CV ≥ 0: standard deviation of requests per unit over their mean
 * @param correlation ICC of a unit's requests, in [0, 1]
 * @param anyTime whether one looks at any time, or only once at the end
 */
public record Planning(
    double alpha,
    double power,
    double share,
    double requestsPerUnit,
    double variation,
    double correlation,
    boolean anyTime) {
  public Planning {
    if (!(alpha > 0 && alpha < power && power < 1)) {
      throw new IllegalArgumentException(
          "0 < alpha < power < 1 is required, not " + alpha + ", " + power);
    }
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("share: must lie strictly between 0 and 1, not " + share);
    }
    if (!(requestsPerUnit >= 1 && variation >= 0 && correlation >= 0 && correlation <= 1)) {
      throw new IllegalArgumentException(
          "requestsPerUnit >= 1, variation >= 0 and 0 <= correlation <= 1 are required, not "
              + requestsPerUnit
              + ", "
              + variation
              + ", "
              + correlation);
    }
  }

  /** One look, one request a unit. */
  public static Planning simple(double alpha, double power, double share) {
    return new Planning(alpha, power, share, 1, 0, 0, false);
  }

  /**
   * Requests of both arms and what they consist of.
   *
   * @param requests of both arms
   * @param candidateRequests the candidate's part
   * @param units that make them
   * @param designEffect by how much returning units multiply the number
   * @param priceOfLooking by how much looking at any time multiplies it
   */
  public record Size(
      double requests,
      double candidateRequests,
      double units,
      double designEffect,
      double priceOfLooking) {
    /** Days until then, at this many requests a day of both arms. */
    public double days(double requestsPerDay) {
      return requests / requestsPerDay;
    }
  }

  /** 1+(m̄(1+CV²)−1)·ICC. */
  public double designEffect() {
    return 1 + (requestsPerUnit * (1 + variation * variation) - 1) * correlation;
  }

  /**
   * Squared ratio of the anytime half-width at the size it is tuned for to that of one look: 2.4 at
   * α = .05.
   */
  public double priceOfLooking() {
    if (!anyTime) {
      return 1;
    }
    double ratio =
        MixtureSprt.multiplier(1, NormalMixture.bestRho(1, alpha, false), alpha)
            / Numerics.normalUpperQuantile(alpha / 2);
    return ratio * ratio;
  }

  /** To tell two rates apart; unpooled variances. */
  public Size proportions(double control, double candidate) {
    return size(control * (1 - control), candidate * (1 - candidate), candidate - control);
  }

  /** To tell two means apart that differ by {@code difference}. */
  public Size means(double difference, double controlDeviation, double candidateDeviation) {
    return size(
        controlDeviation * controlDeviation, candidateDeviation * candidateDeviation, difference);
  }

  /**
   * To tell a quantile apart that is {@code ratio} times control's, where the logarithm has
   * standard deviation sigma: SE(ln q̂) = k·σ/√n, k = √(p(1−p))/φ(z_p) for a lognormal value
   * (1.253, 1.709, 2.113, 3.733 for p50, p90, p95, p99).
   */
  public Size quantiles(double p, double ratio, double sigma) {
    double deviation = quantileFactor(p) * sigma;
    return size(deviation * deviation, deviation * deviation, Math.log(ratio));
  }

  /** k = √(p(1−p))/φ(z_p). */
  public static double quantileFactor(double p) {
    return Math.sqrt(p * (1 - p)) / Numerics.normalDensity(Numerics.normalQuantile(p));
  }

  private Size size(double controlVariance, double candidateVariance, double difference) {
    if (difference == 0) {
      throw new IllegalArgumentException("difference: must not be 0: no size suffices");
    }
    double z = Numerics.normalUpperQuantile(alpha / 2) + Numerics.normalQuantile(power);
    double independent =
        z
            * z
            * (candidateVariance / share + controlVariance / (1 - share))
            / (difference * difference);
    double requests = independent * designEffect() * priceOfLooking();
    return new Size(
        requests, requests * share, requests / requestsPerUnit, designEffect(), priceOfLooking());
  }
}
