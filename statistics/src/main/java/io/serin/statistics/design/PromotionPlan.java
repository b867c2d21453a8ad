package io.serin.statistics.design;

import io.serin.statistics.Numerics;

/**
 * How many requests an identical candidate needs until the promotion gate can show that it is not
 * worse.
 */
public final class PromotionPlan {
  private PromotionPlan() {}

  /**
   * Requests of both arms by which an identical candidate has passed with the given probability:
   * the best bet's mean growth g per request and its variance v solve n·g − z·√(n·v) = ln(1/α) + ln
   * 4, the last term for the mixture of bets.
   *
   * @param share ρ of the candidate
   * @param rate of both arms
   * @param margin δ
   */
  public static double rate(
      double share, double rate, double margin, double alpha, double probability) {
    double most = 1 / (1 / share - margin);
    double best = Numerics.minimizer(f -> -growth(f * most, share, rate, margin)[0], 1e-3, 0.95);
    return units(growth(best * most, share, rate, margin), alpha, probability);
  }

  private static double units(double[] growth, double alpha, double probability) {
    double z = Numerics.normalQuantile(probability);
    double target = Math.log(4) - Math.log(alpha);
    double root =
        (z * Math.sqrt(growth[1]) + Math.sqrt(z * z * growth[1] + 4 * growth[0] * target))
            / (2 * growth[0]);
    return root * root;
  }

  /** Mean and variance of the log factor of one request. */
  private static double[] growth(double lambda, double share, double rate, double margin) {
    double[] p = {share * rate, (1 - share) * rate, 1 - rate};
    double[] x = {
      Math.log1p(-lambda * (1 / share - margin)),
      Math.log1p(lambda * (1 / (1 - share) + margin)),
      Math.log1p(lambda * margin)
    };
    double mean = 0;
    double square = 0;
    for (int i = 0; i < 3; i++) {
      mean += p[i] * x[i];
      square += p[i] * x[i] * x[i];
    }
    return new double[] {mean, square - mean * mean};
  }
}
