package io.serin.statistics.confidence;

import io.serin.statistics.Numerics;
import java.util.Arrays;

/**
 * A sequential test that two arms have the same p-quantile: min(1, 1/E), where E is the smallest
 * product of both arms' beta-binomial mixtures over the values the common quantile could have.
 * Valid at every look. Source: Howard, Ramdas 2022, section 5.
 */
public final class QuantileComparison {
  private final double p;
  private final BetaBinomialMixture mixture;

  /**
   * @param p the quantile, in (0, 1)
   * @param tunedCount number of values in an arm for which the test is about strongest
   * @param tunedAlpha level that it is tuned for
   */
  public QuantileComparison(double p, double tunedCount, double tunedAlpha) {
    this.p = p;
    this.mixture =
        BetaBinomialMixture.tunedFor(tunedCount * p * (1 - p), tunedAlpha, p, 1 - p, false);
  }

  /** The always-valid p-value of equal quantiles. */
  public double pValue(double[] a, double[] b) {
    return Math.min(1, Math.exp(-logE(a, b)));
  }

  /** ln E against equal quantiles. */
  public double logE(double[] a, double[] b) {
    Arm first = new Arm(a);
    Arm second = new Arm(b);
    return first.flatTo <= second.flatTo ? smallest(first, second) : smallest(second, first);
  }

  private static double smallest(Arm low, Arm high) {
    double best =
        Math.min(
            low.at(low.flatTo) + high.at(low.flatTo),
            low.at(high.flatFrom) + high.at(high.flatFrom));
    int from = high.countUpTo(low.flatTo);
    int to = high.countUpTo(high.flatFrom);
    for (int i = Math.max(1, from); i <= to; i++) {
      double x = high.sorted[i - 1];
      best = Math.min(best, low.at(x) + high.at(x));
    }
    return best;
  }

  /**
   * ln of one arm's mixture as a function of the quantile's value; flat around the empirical
   * quantile.
   */
  private final class Arm {
    final double[] sorted;
    final double lowest;
    final double flatFrom;
    final double flatTo;

    Arm(double[] values) {
      sorted = values.clone();
      Arrays.sort(sorted);
      double share = Numerics.minimizer(this::ofShare, 0, 1);
      // The minimum is flat to about 1e-8; a share that close to a rank is that rank.
      double rank = share * sorted.length;
      double nearest = Math.rint(rank);
      double exact = Math.abs(rank - nearest) < 1e-5 * sorted.length / 1000 ? nearest : rank;
      lowest = ofShare(exact / sorted.length);
      flatFrom = sorted[(int) Math.max(0, Math.ceil(exact) - 1)];
      flatTo = sorted[(int) Math.min(sorted.length - 1.0, Math.floor(exact))];
    }

    double ofShare(double share) {
      double n = sorted.length;
      return mixture.logValue((share - p) * n, p * (1 - p) * n);
    }

    double at(double x) {
      if (x < flatFrom) {
        return ofShare((double) countUpTo(x) / sorted.length);
      }
      return x > flatTo ? ofShare((double) countBelow(x) / sorted.length) : lowest;
    }

    int countUpTo(double x) {
      int i = Arrays.binarySearch(sorted, x);
      if (i < 0) {
        return -i - 1;
      }
      while (i < sorted.length && sorted[i] == x) {
        i++;
      }
      return i;
    }

    int countBelow(double x) {
      int i = Arrays.binarySearch(sorted, x);
      if (i < 0) {
        return -i - 1;
      }
      while (i > 0 && sorted[i - 1] == x) {
        i--;
      }
      return i;
    }
  }
}
