package io.serin.statistics.simulation;

import io.serin.statistics.comparison.MannWhitney;

/**
 * How others decide, for comparison. Each is a small machine that is fed requests and says when it
 * rolls back.
 */
public final class Rivals {
  private Rivals() {}

  /**
   * A pooled z-test of error rates at every request, two-sided 5 %, from 50 candidate requests on.
   */
  public static final class NaiveZ {
    private final long[] requests = new long[2];
    private final long[] errors = new long[2];
    private boolean fired;

    public void add(boolean candidate, boolean error) {
      int arm = candidate ? 1 : 0;
      requests[arm]++;
      errors[arm] += error ? 1 : 0;
      double n = requests[0] + requests[1];
      double pooled = (errors[0] + errors[1]) / n;
      if (!fired && requests[1] >= 50 && requests[0] > 0 && pooled > 0 && pooled < 1) {
        double difference = (double) errors[1] / requests[1] - (double) errors[0] / requests[0];
        double variance = pooled * (1 - pooled) * (1.0 / requests[0] + 1.0 / requests[1]);
        fired = difference * difference > 1.959964 * 1.959964 * variance;
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
