package io.serin.simulation;

import io.serin.statistics.comparison.MannWhitney;

/**
 * How others decide, for comparison. Each is a small machine that is fed requests and says when it
 * rolls back.
 */
public final class Rivals {
  private Rivals() {}

  /**
   * A pooled z-test of error rates at every request, two-sided 5 %, from 50 candidate requests on;
   * of both directions, or only of a candidate that is worse.
   */
  public static final class NaiveZ {
    private final boolean worseOnly;
    private final long[] requests = new long[2];
    private final long[] errors = new long[2];
    private boolean fired;

    /** Of both directions. */
    public NaiveZ() {
      this(false);
    }

    public NaiveZ(boolean worseOnly) {
      this.worseOnly = worseOnly;
    }

    public void add(boolean candidate, boolean error) {
      int arm = candidate ? 1 : 0;
      requests[arm]++;
      errors[arm] += error ? 1 : 0;
      double n = requests[0] + requests[1];
      double pooled = (errors[0] + errors[1]) / n;
      if (!fired && requests[1] >= 50 && requests[0] > 0 && pooled > 0 && pooled < 1) {
        double difference = (double) errors[1] / requests[1] - (double) errors[0] / requests[0];
        double variance = pooled * (1 - pooled) * (1.0 / requests[0] + 1.0 / requests[1]);
        fired =
            (!worseOnly || difference > 0)
                && difference * difference > 1.959964 * 1.959964 * variance;
      }
    }

    public boolean fired() {
      return fired;
    }
  }

  /**
   * A threshold on the candidate's success rate, checked after every so many of its requests, that
   * rolls back after some failed checks: the manner of Flagger (99 %, 5 checks).
   */
  public static final class ThresholdGate {
    private final long perCheck;
    private final double least;
    private final int allowed;
    private long requests;
    private long errors;
    private int failed;

    public ThresholdGate(long requestsPerCheck, double leastSuccess, int allowedFailures) {
      this.perCheck = requestsPerCheck;
      this.least = leastSuccess;
      this.allowed = allowedFailures;
    }

    public void add(boolean candidate, boolean error) {
      if (!candidate) {
        return;
      }
      requests++;
      errors += error ? 1 : 0;
      if (requests == perCheck) {
        if (1 - (double) errors / requests < least) {
          failed++;
        }
        requests = 0;
        errors = 0;
      }
    }

    public boolean fired() {
      return failed >= allowed;
    }
  }

  /**
   * A threshold on the candidate's share of good requests in each minute, that rolls back after
   * some failed minutes: the manner of Flagger (99 %, interval 1 min, threshold 5). A minute
   * without requests of the candidate neither passes nor fails.
   */
  public static final class MinuteGate {
    private final double least;
    private final int allowed;
    private long minute;
    private long requests;
    private long bad;
    private int failed;

    public MinuteGate(double leastGood, int allowedFailures) {
      this.least = leastGood;
      this.allowed = allowedFailures;
    }

    public void add(long ofMinute, boolean candidate, boolean isBad) {
      if (ofMinute != minute) {
        failed += requests > 0 && 1 - (double) bad / requests < least ? 1 : 0;
        minute = ofMinute;
        requests = 0;
        bad = 0;
      }
      if (candidate) {
        requests++;
        bad += isBad ? 1 : 0;
      }
    }

    public boolean fired() {
      return failed >= allowed;
    }
  }

  /**
   * Mann and Whitney's test of the two arms' values of each minute (a rate, or a mean), over all
   * minutes so far, at every so many minutes, at 98 %, where the candidate is the higher: the
   * manner of Kayenta's judge, looked at again and again.
   */
  public static final class MinuteRanks {
    private static final int FEWEST = 5;

    private final int minutesPerLook;
    private final double[][] values = new double[2][64];
    private final int[] sizes = new int[2];
    private final double[] sums = new double[2];
    private final long[] counts = new long[2];
    private long minute;
    private long minutes;
    private boolean fired;

    public MinuteRanks(int minutesPerLook) {
      this.minutesPerLook = minutesPerLook;
    }

    public void add(long ofMinute, boolean candidate, double value) {
      if (ofMinute != minute) {
        close();
        minute = ofMinute;
      }
      int arm = candidate ? 1 : 0;
      sums[arm] += value;
      counts[arm]++;
    }

    private void close() {
      for (int arm = 0; arm < 2; arm++) {
        if (counts[arm] > 0) {
          if (sizes[arm] == values[arm].length) {
            values[arm] = java.util.Arrays.copyOf(values[arm], 2 * sizes[arm]);
          }
          values[arm][sizes[arm]++] = sums[arm] / counts[arm];
        }
        sums[arm] = 0;
        counts[arm] = 0;
      }
      minutes++;
      if (!fired && minutes % minutesPerLook == 0 && Math.min(sizes[0], sizes[1]) >= FEWEST) {
        double[] candidate = java.util.Arrays.copyOf(values[1], sizes[1]);
        double[] control = java.util.Arrays.copyOf(values[0], sizes[0]);
        fired =
            MannWhitney.pValue(candidate, control) < 0.02
                && MannWhitney.superiority(candidate, control) > 0.5;
      }
    }

    public boolean fired() {
      return fired;
    }
  }

  /**
   * Mann and Whitney's test of the two arms' values, anew after every so many observations, at 98
   * %: the manner of Kayenta's judge with repeated looks.
   */
  public static final class RepeatedMannWhitney {
    private final int perLook;
    private final double[][] values;
    private final int[] sizes = new int[2];
    private boolean fired;

    public RepeatedMannWhitney(int observationsPerLook, int most) {
      this.perLook = observationsPerLook;
      this.values = new double[2][most];
    }

    public void add(boolean candidate, double value) {
      int arm = candidate ? 1 : 0;
      if (sizes[arm] < values[arm].length) {
        values[arm][sizes[arm]++] = value;
      }
      if (!fired && (sizes[0] + sizes[1]) % perLook == 0 && sizes[0] > 0 && sizes[1] > 0) {
        fired =
            MannWhitney.pValue(
                    java.util.Arrays.copyOf(values[1], sizes[1]),
                    java.util.Arrays.copyOf(values[0], sizes[0]))
                < 0.02;
      }
    }

    public boolean fired() {
      return fired;
    }
  }
}
