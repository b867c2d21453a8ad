package io.serin.statistics.confidence;

import io.serin.statistics.Numerics;

/**
 * A mixture supermartingale of a sum S with intrinsic time V: exp(logValue(S, V)) starts at 1 and,
 * under the null hypothesis, exceeds 1/α at any time with probability at most α. Its inverse is a
 * boundary that S crosses with probability at most α, over all times together. Immutable.
 *
 * <p>Source: Howard, Ramdas, McAuliffe, Sekhon 2021 (time-uniform, nonparametric, nonasymptotic
 * confidence sequences).
 */
public interface MixtureMartingale {
  /** Logarithm of the supermartingale at sum s and intrinsic time v ≥ 0. */
  double logValue(double s, double v);

  /** The largest sum that is possible at intrinsic time v. */
  default double largestSum(double v) {
    return Double.POSITIVE_INFINITY;
  }

  /** The boundary at intrinsic time v: the sum where the supermartingale reaches 1/alpha. */
  default double bound(double v, double alpha) {
    double threshold = -Math.log(alpha);
    double limit = largestSum(v);
    if (Double.isInfinite(limit)) {
      return Numerics.rootAbove(s -> logValue(s, v) - threshold, 0, Math.max(v, 1e-9));
    }
    return logValue(limit, v) < threshold
        ? limit
        : Numerics.root(s -> logValue(s, v) - threshold, 0, limit);
  }
}
