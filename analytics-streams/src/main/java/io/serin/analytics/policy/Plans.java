package io.serin.analytics.policy;

import io.serin.statistics.Numerics;

/**
 * How many units a test is expected to need: bets whose logarithm grows by a mean g and a variance
 * v a unit have reached a height with probability {@code power} after n units, n·g − z·√(n·v) =
 * height. Heights include the price of a mixture of bets. Units are first requests, of both arms.
 */
final class Plans {
  /** ln of how much a mixture of the promotion gate's bets stays behind the best one. */
  private static final double GATE_MIXTURE = StrictMath.log(4);

  private static final double LATENCY_MIXTURE = StrictMath.log(10);
  private static final double EVENTS_MIXTURE = StrictMath.log(10);
  private static final int BETS = 40;
  private static final double LEAST_RATE = 0.001;

  /** Mean and variance of the log factor of one unit. */
  record Growth(double mean, double variance) {
    static final Growth NONE = new Growth(0, 0);

    /** Units until the height; infinite where the bet does not grow. */
    double units(double height, double power) {
      if (height <= 0) {
        return 0;
      }
      if (!(mean > 0)) {
        return Double.POSITIVE_INFINITY;
      }
      double z = Numerics.normalQuantile(power);
      double root =
          (z * Math.sqrt(variance) + Math.sqrt(z * z * variance + 4 * mean * height)) / (2 * mean);
      return root * root;
    }
  }

  private Plans() {}

  /** The promotion gate for rates, on an identical candidate, with its best bet. */
  static Growth notWorseRate(double share, double rate, double margin) {
    double most = 1 / (1 / share - margin);
    double p = Math.max(rate, LEAST_RATE / 10);
    double[] chances = {share * p, (1 - share) * p, 1 - p};
    Growth best = Growth.NONE;
    for (int i = 1; i < BETS; i++) {
      double lambda = most * 0.95 * i / BETS;
      Growth growth =
          growth(
              chances,
              new double[] {
                Math.log1p(-lambda * (1 / share - margin)),
                Math.log1p(lambda * (1 / (1 - share) + margin)),
                Math.log1p(lambda * margin)
              });
      best = growth.mean() > best.mean() ? growth : best;
    }
    return best;
  }

  static double notWorseRateHeight(double height) {
    return height + GATE_MIXTURE;
  }

  /** The reversed exceedance bet, where the arms exceed at these rates. */
  static Growth notWorseExceedance(double share, double candidate, double control) {
    double p1 = Math.clamp(candidate, 1e-6, 1 - 1e-6);
    double p0 = Math.clamp(control, 1e-6, 1 - 1e-6);
    if (p1 >= p0) {
      return Growth.NONE;
    }
    double pooled = share * p1 + (1 - share) * p0;
    return growth(
        new double[] {share * p1, share * (1 - p1), (1 - share) * p0, (1 - share) * (1 - p0)},
        new double[] {
          Math.log(p1 / pooled),
          Math.log((1 - p1) / (1 - pooled)),
          Math.log(p0 / pooled),
          Math.log((1 - p0) / (1 - pooled))
        });
  }

  static double notWorseExceedanceHeight(double height) {
    return height + LATENCY_MIXTURE;
  }

  /**
   * Units by which the guard on first failures would have fired, were the candidate's rate three
   * times control's, or worse by the margin that promotion has to rule out where that is more.
   *
   * @param height ln(1/(α·w)) of the guard
   */
  static double detection(double share, double rate, double margin, double height, double power) {
    double p0 = Math.max(rate, LEAST_RATE);
    double p1 = Math.min(1, Math.max(3 * p0, p0 + margin));
    double label = share * p1 / (share * p1 + (1 - share) * p0);
    Growth event =
        growth(
            new double[] {label, 1 - label},
            new double[] {Math.log(label / share), Math.log((1 - label) / (1 - share))});
    return event.units(height + EVENTS_MIXTURE, power) / (share * p1 + (1 - share) * p0);
  }

  private static Growth growth(double[] chances, double[] logs) {
    double mean = 0;
    double square = 0;
    for (int i = 0; i < chances.length; i++) {
      mean += chances[i] * logs[i];
      square += chances[i] * logs[i] * logs[i];
    }
    return new Growth(mean, Math.max(0, square - mean * mean));
  }
}
