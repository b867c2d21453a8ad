package io.serin.statistics.design;

/**
 * How many requests an identical candidate needs until the promotion gate can show that it is not
 * worse; from {@link BetGrowth}.
 */
public final class PromotionPlan {
  private PromotionPlan() {}

  /**
   * For a rate: requests of both arms, one a unit, by which an identical candidate has passed with
   * the given probability.
   *
   * @param share ρ of the candidate
   * @param rate of both arms
   * @param margin δ, as a share
   * @param alpha of the gate: it passes at E ≥ 1/α
   */
  public static double rate(
      double share, double rate, double margin, double alpha, double probability) {
    return BetGrowth.gate(share, rate, margin).requests(-Math.log(alpha), probability);
  }

  /**
   * For a quantile of a lognormal value: requests of both arms, one a unit, by which an identical
   * candidate has passed with the given probability.
   *
   * @param quantile q
   * @param sigma of the logarithm of a value
   * @param margin as a factor, > 1
   */
  public static double quantile(
      double share,
      double quantile,
      double sigma,
      double margin,
      double alpha,
      double probability) {
    return BetGrowth.gate(share, quantile, sigma, margin).requests(-Math.log(alpha), probability);
  }
}
