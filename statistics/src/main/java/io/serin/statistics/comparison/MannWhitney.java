package io.serin.statistics.comparison;

import io.serin.statistics.Numerics;
import java.util.Arrays;

/**
 * Mann and Whitney's rank test, two-sided, by the normal approximation with ties; valid at one
 * look.
 */
public final class MannWhitney {
  private MannWhitney() {}

  /** The p-value of "neither arm tends to larger values". */
  public static double pValue(double[] a, double[] b) {
    double[] all = new double[a.length + b.length];
    System.arraycopy(a, 0, all, 0, a.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    Arrays.sort(all);
    double n = all.length;
    double ties = 0;
    for (int i = 0; i < all.length; ) {
      int j = upTo(all, i);
      double t = j - i;
      ties += t * t * t - t;
      i = j;
    }
    double ranks = 0;
    for (double x : a) {
      int first = firstOf(all, x);
      int last = upTo(all, first);
      ranks += 0.5 * (first + 1 + last);
    }
    double u = ranks - a.length * (a.length + 1.0) / 2;
    double variance = (double) a.length * b.length / 12 * (n + 1 - ties / (n * (n - 1)));
    double distance = Math.abs(u - (double) a.length * b.length / 2) - 0.5;
    return variance <= 0
        ? 1
        : Math.min(1, 2 * Numerics.normalTail(Math.max(0, distance) / Math.sqrt(variance)));
  }

  /** U over its largest value: the share of pairs in which a is larger, ties counting half. */
  public static double superiority(double[] a, double[] b) {
    double[] sorted = b.clone();
    Arrays.sort(sorted);
    double wins = 0;
    for (double x : a) {
      int first = firstOf(sorted, x);
      int last = first < sorted.length && sorted[first] == x ? upTo(sorted, first) : first;
      wins += 0.5 * (first + last);
    }
    return wins / ((double) a.length * b.length);
  }

  private static int firstOf(double[] sorted, double x) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < x) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static int upTo(double[] sorted, int from) {
    int low = from;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] <= sorted[from]) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
