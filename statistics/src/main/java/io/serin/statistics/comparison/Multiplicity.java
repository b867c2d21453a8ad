package io.serin.statistics.comparison;

import java.util.Arrays;
import java.util.Comparator;

/** Several hypotheses at once: adjusted p-values, in the order of the input. */
public final class Multiplicity {
  private Multiplicity() {}

  /** Holm's adjusted p-values: rejecting those ≤ α keeps the chance of any false rejection ≤ α. */
  public static double[] holm(double[] p) {
    Integer[] order = ascending(p);
    double[] adjusted = new double[p.length];
    double highest = 0;
    for (int i = 0; i < p.length; i++) {
      highest = Math.max(highest, Math.min(1, (p.length - i) * p[order[i]]));
      adjusted[order[i]] = highest;
    }
    return adjusted;
  }

  /**
   * Benjamini and Hochberg's adjusted p-values: rejecting those ≤ α keeps the false discovery rate
   * ≤ α.
   */
  public static double[] benjaminiHochberg(double[] p) {
    Integer[] order = ascending(p);
    double[] adjusted = new double[p.length];
    double lowest = 1;
    for (int i = p.length - 1; i >= 0; i--) {
      lowest = Math.min(lowest, p.length * p[order[i]] / (i + 1));
      adjusted[order[i]] = lowest;
    }
    return adjusted;
  }

  private static Integer[] ascending(double[] p) {
    Integer[] order = new Integer[p.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> p[i]));
    return order;
  }
}
