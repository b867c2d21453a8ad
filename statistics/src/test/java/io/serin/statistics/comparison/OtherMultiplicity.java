package io.serin.statistics.comparison;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Adjustments that Serin does not use, held against the reference vectors. */
public final class OtherMultiplicity {
  private OtherMultiplicity() {}

  /**
   * Hochberg's adjusted p-values: as Holm's, stronger, for tests that are not negatively dependent.
   */
  public static double[] hochberg(double[] p) {
    Integer[] order = new Integer[p.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> p[i]));
    double[] adjusted = new double[p.length];
    double lowest = 1;
    for (int i = p.length - 1; i >= 0; i--) {
      lowest = Math.min(lowest, (p.length - i) * p[order[i]]);
      adjusted[order[i]] = lowest;
    }
    return adjusted;
  }

  /** Bonferroni's adjusted p-values. */
  public static double[] bonferroni(double[] p) {
    return Arrays.stream(p).map(x -> Math.min(1, p.length * x)).toArray();
  }

  /**
   * K/(αk) for k = 1 … K: what the k-th largest e-value must reach in {@link #eBenjaminiHochberg}.
   */
  public static double[] eThresholds(int hypotheses, double alpha) {
    return IntStream.rangeClosed(1, hypotheses)
        .mapToDouble(k -> hypotheses / (alpha * k))
        .toArray();
  }

  /**
   * How many of the largest e-values are rejected: the largest k with e₍k₎ ≥ K/(αk). Keeps the
   * false discovery rate ≤ α under any dependence. Source: Wang, Ramdas 2022.
   */
  public static int eBenjaminiHochberg(double[] e, double alpha) {
    double[] sorted = e.clone();
    Arrays.sort(sorted);
    double[] thresholds = eThresholds(e.length, alpha);
    int rejected = 0;
    for (int k = 1; k <= e.length; k++) {
      if (sorted[e.length - k] >= thresholds[k - 1]) {
        rejected = k;
      }
    }
    return rejected;
  }
}
