package io.serin.simulation.canary;

import java.util.Arrays;
import java.util.List;

/**
 * What a canary's simulation found.
 *
 * @param seed of the runs
 * @param runs of a healthy candidate, and as many of the faulty one
 * @param limit fewest expected requests, from the fault on, of any test with the guard's level and
 *     power one; infinite where the run ends before
 * @param methods Serin first
 */
public record CanaryReport(long seed, int runs, double limit, List<Method> methods) {
  public CanaryReport {
    methods = List.copyOf(methods);
  }

  /** When one method rolled back. Arrays are not copied: do not change them. */
  public static final class Method {
    private final String name;
    private final double[] healthy;
    private final double[] faulty;

    /**
     * @param healthy request at which a healthy candidate was rolled back, one a run; infinite
     *     where it was not
     * @param faulty requests from the fault on until the faulty one was; infinite where it was not,
     *     negative where it was before the fault
     */
    Method(String name, double[] healthy, double[] faulty) {
      this.name = name;
      this.healthy = sorted(healthy);
      this.faulty = sorted(faulty);
    }

    private static double[] sorted(double[] values) {
      double[] copy = values.clone();
      Arrays.sort(copy);
      return copy;
    }

    /** What decides, and how it is set. */
    public String name() {
      return name;
    }

    /** Share of runs in which a healthy candidate was rolled back. */
    public double falseAlarms() {
      return share(healthy, 0);
    }

    /** Share of runs in which the fault was found, not counting alarms before it. */
    public double power() {
      return share(faulty, 0);
    }

    /** Standard error of a share of runs. */
    public double error(double share) {
      return Math.sqrt(share * (1 - share) / healthy.length);
    }

    /** Mean requests from the fault to its detection, over the runs in which it was found. */
    public double mean() {
      return Arrays.stream(faulty)
          .filter(n -> n >= 0 && n < Double.POSITIVE_INFINITY)
          .average()
          .orElse(Double.NaN);
    }

    /**
     * Requests from the fault by which a share p of all runs had found it; infinite if fewer did.
     */
    public double quantile(double p) {
      double[] after = Arrays.stream(faulty).filter(n -> n >= 0).toArray();
      int index = (int) Math.ceil(p * faulty.length) - 1;
      return index < after.length ? after[Math.max(0, index)] : Double.POSITIVE_INFINITY;
    }

    /** Share of runs in which a healthy candidate was rolled back by a request. */
    public double healthyBy(double request) {
      return (double) Arrays.stream(healthy).filter(n -> n <= request).count() / healthy.length;
    }

    /** Share of runs in which the fault was found by that many requests after it. */
    public double foundBy(double requests) {
      return (double) Arrays.stream(faulty).filter(n -> n >= 0 && n <= requests).count()
          / faulty.length;
    }

    private static double share(double[] values, double from) {
      return (double)
              Arrays.stream(values).filter(n -> n >= from && n < Double.POSITIVE_INFINITY).count()
          / values.length;
    }
  }
}
