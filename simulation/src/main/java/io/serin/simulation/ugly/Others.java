package io.serin.simulation.ugly;

import io.serin.analytics.observation.Observation;
import io.serin.simulation.Rivals;
import java.util.Arrays;
import java.util.List;

/**
 * What other tools' rules make of the same stream: a threshold on the share of requests that
 * succeed, and one on the share below control's p95 times 1.2, looked at each interval.
 */
final class Others {
  /**
   * Argo's example analysis: every 5 minutes at least 95 % succeed, 4 failures end it. Flagger's:
   * every minute at least 99 %, 5 failures.
   */
  static final List<String> NAMES = List.of("Argo's rule", "Flagger's rule");

  private static final long[] INTERVALS = {300_000, 60_000};
  private static final double[] SUCCESS = {0.95, 0.99};
  private static final int[] FAILURES = {4, 5};

  private final double slow;
  private final Rivals.MinuteGate[] errors = new Rivals.MinuteGate[NAMES.size()];
  private final Rivals.MinuteGate[] times = new Rivals.MinuteGate[NAMES.size()];
  private final double[] fired = new double[NAMES.size()];

  /**
   * @param p95 of a healthy server, milliseconds
   */
  Others(double p95) {
    slow = 1.2 * p95;
    for (int i = 0; i < fired.length; i++) {
      errors[i] = new Rivals.MinuteGate(SUCCESS[i], FAILURES[i]);
      times[i] = new Rivals.MinuteGate(0.95, FAILURES[i]);
    }
    Arrays.fill(fired, Double.POSITIVE_INFINITY);
  }

  /**
   * @param request counted from the fault on
   */
  void see(long at, long request, boolean candidate, Stream.Answer answer) {
    boolean failed = answer.end() == Observation.End.FAILED;
    for (int i = 0; i < fired.length; i++) {
      if (Double.isInfinite(fired[i])) {
        errors[i].add(at / INTERVALS[i], candidate, failed);
        times[i].add(at / INTERVALS[i], candidate, failed || answer.millis() > slow);
        if (errors[i].fired() || times[i].fired()) {
          fired[i] = Math.max(0, request);
        }
      }
    }
  }

  boolean allFired() {
    return Arrays.stream(fired).allMatch(Double::isFinite);
  }

  List<Double> fired() {
    return Arrays.stream(fired).boxed().toList();
  }
}
