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
 * @param mean g ≥ 0: mean of the best bet's log factor of one request, in nats
 * @param variance v ≥ 0 of the same
 * @param price what a mixture of bets costs against the best of them, in nats, ≥ 0
 */
public record BetGrowth(double mean, double variance, double price) {
  /** A bet that never grows. */
  public static final BetGrowth NONE = new BetGrowth(0, 0, 0);

  /** Of the twelve fractions of the promotion gate. */
  private static final double GATE = StrictMath.log(4);

  /**
   * Of the mixtures of the event-label and the exceedance process, restarts and overshoot in it.
   */
  private static final double DETECTION = 1;

  /**
   * What bets have gained already, at other shares.
   *
   * @param mean of ln E, price not paid
   * @param variance of the same
   */
  public record Gained(double mean, double variance) {
    public static final Gained NOTHING = new Gained(0, 0);

    /** After so many requests at another growth. */
    public Gained after(double requests, BetGrowth growth) {
      return new Gained(mean + requests * growth.mean, variance + requests * growth.variance);
    }
  }

  public BetGrowth {
    if (!(mean >= 0 && variance >= 0 && price >= 0)) {
      throw new IllegalArgumentException(
          "growth: mean >= 0, variance >= 0 and price >= 0 are required, not "
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

  /**
   * The event-label process against a margin: only requests with the event count.
   *
   * @param margin relative risk that is allowed, ≥ 1
   */
  public static BetGrowth labels(double share, double control, double candidate, double margin) {
    proper("share", share);
    double pooled = share * candidate + (1 - share) * control;
    double label = share * candidate / pooled;
    double allowed = share * margin / (share * margin + 1 - share);
    return of(
        new double[] {pooled * label, pooled * (1 - label)},
        new double[] {StrictMath.log(label / allowed), StrictMath.log((1 - label) / (1 - allowed))},
        DETECTION);
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
          StrictMath.log(candidate / pooled),
          StrictMath.log((1 - candidate) / (1 - pooled)),
          StrictMath.log(control / pooled),
          StrictMath.log((1 - control) / (1 - pooled))
        },
        DETECTION);
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
    return Numerics.normalTail(Numerics.normalQuantile(quantile) - StrictMath.log(factor) / sigma);
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
    if (logE >= threshold) {
      return 0;
    }
    double paid = Math.min(price, soFar * mean);
    return requests(new Gained(logE + paid, 0), threshold, probability);
  }

  /**
   * Requests until what was gained and what these gain reach the threshold with the given
   * probability; infinite where the bet does not grow.
   */
  public double requests(Gained gained, double threshold, double probability) {
    proper("probability", probability);
    double z = Numerics.normalQuantile(probability);
    double missing = threshold + price - gained.mean;
    if (missing + z * Math.sqrt(gained.variance) <= 0) {
      return 0;
    }
    if (mean == 0) {
      return Double.POSITIVE_INFINITY;
    }
    // The larger root of n·g − missing = z·√(gained variance + n·v).
    double half = mean * missing + z * z * variance / 2;
    double rest = missing * missing - z * z * gained.variance;
    double root = Math.sqrt(Math.max(0, half * half - mean * mean * rest));
    return (half + Math.copySign(root, z)) / (mean * mean);
  }

  private static BetGrowth ofGate(double lambda, double share, double rate, double margin) {
    return of(
        new double[] {share * rate, (1 - share) * rate, 1 - rate},
        new double[] {
          StrictMath.log1p(-lambda * (1 / share - margin)),
          StrictMath.log1p(lambda * (1 / (1 - share) + margin)),
          StrictMath.log1p(lambda * margin)
        },
        GATE);
  }

  private static BetGrowth of(double[] probabilities, double[] logFactors, double price) {
    double mean = 0;
    double square = 0;
    for (int i = 0; i < probabilities.length; i++) {
      mean += probabilities[i] * logFactors[i];
      square += probabilities[i] * logFactors[i] * logFactors[i];
    }
    return new BetGrowth(Math.max(0, mean), Math.max(0, square - mean * mean), price);
  }

  private static void proper(String name, double value) {
    if (!(value > 0 && value < 1)) {
      throw new IllegalArgumentException(
          name + ": must lie strictly between 0 and 1, not " + value);
    }
  }
}
