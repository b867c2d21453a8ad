package io.serin.benchmarks.router;

import java.util.Arrays;

/** Recorded times. */
final class LatencyHistogram {

  private final long[] sortedNanos;

  /** The first {@code count} of recorded nanoseconds. */
  LatencyHistogram(long[] nanos, int count) {
    sortedNanos = Arrays.copyOf(nanos, count);
    Arrays.sort(sortedNanos);
  }

  /** A quantile in microseconds; NaN where nothing was recorded. */
  double micros(double q) {
    if (sortedNanos.length == 0) {
      return Double.NaN;
    }
    int index = (int) Math.ceil(q * sortedNanos.length) - 1;
    return sortedNanos[Math.max(0, index)] / 1e3;
  }
}
