package io.serin.statistics.design;

import io.serin.statistics.Numerics;

/**
 * How fast the evidence of a bet grows with each request, and so how many more requests a verdict
 * needs. ln E after n requests is about n·g − price, with standard deviation √(n·v): a requirement
 * of ln E ≥ t is met with probability p after the n that solves
 *
 * <pre>  n·g − z_p·√(n·v) = t − ln E + what of the price is not yet paid</pre>
 *
 * <p>An approximation, for planning and for "about N more requests" in a verdict: it decides
 * nothing. The simulation of the plans checks it.
 *
 * @param mean g > 0: mean of the best bet's log factor of one request, in nats
 * @param variance v ≥ 0 of the same
 * @param price what a mixture of bets costs against the best of them, in nats, ≥ 0
 */
public record BetGrowth(double mean, double variance, double price) {
  /** Of the twelve fractions of the promotion gate, as of the ten odds of an exceedance bet. */
  private static final double MIXTURE = Math.log(4);

  /** Of eight ratios, .8 of the weight on the process that never restarts, and the overshoot. */
  private static final double EVENTS = 1.5;

  public BetGrowth {
    if (!(mean > 0 && variance >= 0 && price >= 0)) {
      throw new IllegalArgumentException(
          "growth: mean > 0, variance >= 0 and price >= 0 are required, not "
              + mean
              + ", "
              + variance
              + ", "
              + price);
    }
  }

  /**
   * The promotion gate for a rate, where the candidate is identical.
   *
   * @param share ρ of the candidate, in (0, 1)
   * @param rate of both arms, in (0, 1)
   * @param margin δ in (0, 1), as a share
   */
  public static BetGrowth gate(double share, double rate, double margin) {
    proper("share", share);
    proper("rate", rate);
    proper("margin", margin);
    double most = 1 / (1 / share - margin);
    double best = Numerics.minimizer(f -> -ofGate(f * most, share, rate, margin).mean, 1e-3, 0.95);
    return ofGate(best * most, share, rate, margin);
  }

  /**
   * The promotion gate for a quantile, where the candidate is identical and values are lognormal: a
   * candidate divided by its margin exceeds control's q-quantile less often than 1−q.
   *
   * @param quantile q in (0, 1)
   * @param sigma standard deviation of the logarithm of a value, > 0
   * @param margin m > 1, as a factor
   */
  public static BetGrowth gate(double share, double quantile, double sigma, double margin) {
    if (!(margin > 1)) {
      throw new IllegalArgumentException("margin: must be above 1, as a factor, not " + margin);
    }
    return exceedance(share, 1 - quantile, exceeding(quantile, sigma, 1 / margin));
  }

  /** The event-label process of a guard, where the candidate has the event more often. */
  public static BetGrowth events(double share, double control, double candidate) {
    BetGrowth both = exceedance(share, control, candidate);
    return new BetGrowth(both.mean, both.variance, EVENTS);
  }

  /** The bet with both outcomes, where the arms have the outcome with different probabilities. */
  public static BetGrowth exceedance(double share, double control, double candidate) {
    proper("share", share);
    proper("control", control);
    proper("candidate", candidate);
    double pooled = share * candidate + (1 - share) * control;
    return of(
        new double[] {
          share * candidate,
          share * (1 - candidate),
          (1 - share) * control,
          (1 - share) * (1 - control)
        },
        new double[] {
          Math.log(candidate / pooled),
          Math.log((1 - candidate) / (1 - pooled)),
          Math.log(control / pooled),
          Math.log((1 - control) / (1 - pooled))
        });
  }

  /**
   * Probability that a lognormal value {@code factor} times as large exceeds control's q-quantile.
   */
  public static double exceeding(double quantile, double sigma, double factor) {
    proper("quantile", quantile);
    if (!(sigma > 0 && factor > 0)) {
      throw new IllegalArgumentException(
          "sigma > 0 and factor > 0 are required, not " + sigma + " and " + factor);
    }
    return Numerics.normalTail(Numerics.normalQuantile(quantile) - Math.log(factor) / sigma);
  }

  /**
   * Requests from the beginning until ln E ≥ threshold with the given probability; .5 is about the
   * median.
   */
  public double requests(double threshold, double probability) {
    return remaining(0, 0, threshold, probability);
  }

  /**
   * Requests still needed until ln E ≥ threshold with the given probability; 0 where it is met.
   *
   * @param logE ln E now
   * @param soFar requests that it rests on
   * @param threshold ln(1/α) of the guard or gate
   * @param probability in (0, 1)
   */
  public double remaining(double logE, double soFar, double threshold, double probability) {
    proper("probability", probability);
    if (logE >= threshold) {
      return 0;
    }
    double target = threshold - logE + Math.max(0, price - soFar * mean);
    double z = Numerics.normalQuantile(probability);
    double spread = z * Math.sqrt(variance);
    double root = (spread + Math.sqrt(spread * spread + 4 * mean * target)) / (2 * mean);
    return root * root;
  }

  private static BetGrowth ofGate(double lambda, double share, double rate, double margin) {
    return of(
        new double[] {share * rate, (1 - share) * rate, 1 - rate},
        new double[] {
          Math.log1p(-lambda * (1 / share - margin)),
          Math.log1p(lambda * (1 / (1 - share) + margin)),
          Math.log1p(lambda * margin)
        });
  }

  private static BetGrowth of(double[] probabilities, double[] logFactors) {
    double mean = 0;
    double square = 0;
    for (int i = 0; i < probabilities.length; i++) {
      mean += probabilities[i] * logFactors[i];
      square += probabilities[i] * logFactors[i] * logFactors[i];
    }
    return new BetGrowth(
        Math.max(mean, Double.MIN_NORMAL), Math.max(0, square - mean * mean), MIXTURE);
  }

  private static void proper(String name, double value) {
    if (!(value > 0 && value < 1)) {
      throw new IllegalArgumentException(
          name + ": must lie strictly between 0 and 1, not " + value);
    }
  }
}
