package io.serin.statistics.sequential;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Exceedances of one threshold version in closed windows: the latest windows that together hold
 * enough observations for a pooled rate.
 */
final class ExceedanceHistory {
  private final Deque<long[]> windows = new ArrayDeque<>();
  private long above;
  private long all;

  /** Adds a closed window and drops the oldest ones that are not needed for {@code enough}. */
  void add(long newAbove, long newAll, int enough) {
    windows.addLast(new long[] {newAbove, newAll});
    above += newAbove;
    all += newAll;
    while (all - windows.getFirst()[1] >= enough) {
      long[] oldest = windows.removeFirst();
      above -= oldest[0];
      all -= oldest[1];
    }
  }

  ExceedanceHistory copy() {
    ExceedanceHistory copy = new ExceedanceHistory();
    copy.windows.addAll(windows);
    copy.above = above;
    copy.all = all;
    return copy;
  }

  /** Observations in the kept windows. */
  long size() {
    return all;
  }

  /** The pooled rate, half an observation more on either side: never 0 and never 1. */
  double rate() {
    return (above + 0.5) / (all + 1.0);
  }

  /** The pooled rate, with a rate that was expected beforehand as so many observations more. */
  double rate(double expected, double weight) {
    return (above + 0.5 + expected * weight) / (all + 1.0 + weight);
  }

  void write(LongStates.Writer into) {
    into.add(windows.size());
    for (long[] each : windows) {
      into.add(each[0]);
      into.add(each[1]);
    }
  }

  static ExceedanceHistory read(LongStates.Reader from) {
    ExceedanceHistory history = new ExceedanceHistory();
    for (long left = from.next(); left > 0; left--) {
      history.add(from.next(), from.next(), Integer.MAX_VALUE);
    }
    return history;
  }
}
