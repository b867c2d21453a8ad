package io.serin.statistics;

/**
 * Sums and means in log space. {@link StrictMath} throughout: a verdict recomputed on another
 * processor is the same bit for bit.
 */
public final class Logs {
  private Logs() {}

  /** ln(e^a + e^b), without overflow. */
  public static double add(double a, double b) {
    if (a == Double.NEGATIVE_INFINITY) {
      return b;
    }
    if (b == Double.NEGATIVE_INFINITY) {
      return a;
    }
    double high = Math.max(a, b);
    return high + StrictMath.log1p(StrictMath.exp(Math.min(a, b) - high));
  }

  /** ln Σ e^x, summed in the order of the array; −∞ for an empty one. */
  public static double sum(double... logs) {
    double high = Double.NEGATIVE_INFINITY;
    for (double x : logs) {
      high = Math.max(high, x);
    }
    if (Double.isInfinite(high)) {
      return high;
    }
    double total = 0;
    for (double x : logs) {
      total += StrictMath.exp(x - high);
    }
    return high + StrictMath.log(total);
  }

  /** ln of the mean of e^x. */
  public static double mean(double... logs) {
    return sum(logs) - StrictMath.log(logs.length);
  }
}
