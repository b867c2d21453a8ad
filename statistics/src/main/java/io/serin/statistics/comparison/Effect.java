package io.serin.statistics.comparison;

/**
 * The difference between two arms.
 *
 * @param estimate b − a, divided by |a| where it is relative
 * @param standardError of the estimate, by the delta method
 * @param units of both arms
 * @param degreesOfFreedom Welch–Satterthwaite
 */
public record Effect(double estimate, double standardError, long units, double degreesOfFreedom) {

  /** Candidate b against control a. Adjusted samples get the best common θ. */
  public static Effect of(Sample a, Sample b, boolean relative) {
    if (a instanceof AdjustedSample x && b instanceof AdjustedSample y) {
      double theta = AdjustedSample.bestTheta(x, y);
      return plain(x.withTheta(theta), y.withTheta(theta), relative);
    }
    if (a instanceof AdjustedRatioSample x && b instanceof AdjustedRatioSample y) {
      double theta = AdjustedRatioSample.bestTheta(x, y);
      return plain(x.withTheta(theta), y.withTheta(theta), relative);
    }
    return plain(a, b, relative);
  }

  private static Effect plain(Sample a, Sample b, boolean relative) {
    double difference = b.mean() - a.mean();
    double variance = variance(a, b, relative);
    return new Effect(
        relative ? difference / Math.abs(a.unadjustedMean()) : difference,
        Math.sqrt(variance),
        a.n() + b.n(),
        welch(a.variance() / a.n(), a.n(), b.variance() / b.n(), b.n()));
  }

  private static double variance(Sample a, Sample b, boolean relative) {
    if (relative && a instanceof AdjustedSample x && b instanceof AdjustedSample y) {
      return relativeAdjusted(x, y);
    }
    if (relative && a instanceof AdjustedRatioSample x && b instanceof AdjustedRatioSample y) {
      return relativeAdjustedRatio(x, y);
    }
    return differenceVariance(
        a.variance(),
        a.unadjustedMean(),
        (double) a.n(),
        b.variance(),
        b.unadjustedMean(),
        (double) b.n(),
        relative);
  }

  /** Variance of b − a, or of (b − a)/a by the delta method, from variances of one unit. */
  public static double differenceVariance(
      double varianceA,
      double meanA,
      double nA,
      double varianceB,
      double meanB,
      double nB,
      boolean relative) {
    return relative
        ? RatioSample.ratioVariance(meanB, varianceB / nB, meanA, varianceA / nA, 0)
        : varianceA / nA + varianceB / nB;
  }

  private static double welch(double a, long nA, double b, long nB) {
    return (a + b) * (a + b) / (a * a / (nA - 1) + b * b / (nB - 1));
  }

  private static double relativeAdjusted(AdjustedSample a, AdjustedSample b) {
    double base = a.post().mean();
    double slope = -b.post().mean() / base;
    double control =
        a.post().variance() * slope * slope
            + 2 * a.theta() * a.covariance() * slope
            + a.theta() * a.theta() * a.pre().variance();
    return (b.variance() / b.n() + control / a.n()) / (base * base);
  }

  private static double relativeAdjustedRatio(AdjustedRatioSample a, AdjustedRatioSample b) {
    double base = Math.abs(a.unadjustedMean());
    double signed = (b.mean() - a.mean()) * Math.signum(a.unadjustedMean());
    double[] own = a.gradient();
    double share = (base + signed) / (base * base);
    double[] control = {-share * own[0], -share * own[1], -own[2] / base, -own[3] / base};
    double[] candidate = b.gradient();
    for (int i = 0; i < 4; i++) {
      candidate[i] /= base;
    }
    return a.form(control, control) / a.n() + b.form(candidate, candidate) / b.n();
  }
}
