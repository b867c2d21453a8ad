package io.serin.statistics.design;

/**
 * The fewest expected requests that any test with error level α and power one needs to see a
 * difference: ln(1/α)/g, g the information of one request. What a guard needs is measured against
 * it.
 */
public final class DetectionLimit {
  private DetectionLimit() {}

  /**
   * For a rate: g = ρ·KL(p₁‖p̄)+(1−ρ)·KL(p₀‖p̄), p̄ = ρp₁+(1−ρ)p₀.
   *
   * @param share ρ of the candidate, in (0, 1)
   * @param control p₀ in (0, 1)
   * @param candidate p₁ in (0, 1)
   */
  public static double rate(double share, double control, double candidate, double alpha) {
    double pooled = share * candidate + (1 - share) * control;
    double g = share * divergence(candidate, pooled) + (1 - share) * divergence(control, pooled);
    return -Math.log(alpha) / g;
  }

  /** KL(p‖q) of two Bernoulli laws, in nats. */
  public static double divergence(double p, double q) {
    return part(p, q) + part(1 - p, 1 - q);
  }

  private static double part(double p, double q) {
    return p == 0 ? 0 : p * Math.log(p / q);
  }
}
