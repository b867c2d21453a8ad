package io.serin.analytics.streams;

import java.util.function.DoubleSupplier;

/**
 * Whether what is yet to be read has grown for a minute: looked at each ten seconds at most. A lag
 * below {@value #FEW} records is caught up within a second. Thread-safe.
 */
final class LagWatch {
  private static final double FEW = 10_000;
  private static final long LOOK_MILLIS = 10_000;
  private static final int LOOKS = 6;

  private long lookedAt = Long.MIN_VALUE / 2;
  private double last;
  private int grew;

  synchronized boolean grows(long now, DoubleSupplier behind) {
    if (now - lookedAt >= LOOK_MILLIS) {
      lookedAt = now;
      double records = behind.getAsDouble();
      grew = records > FEW && records > last ? grew + 1 : 0;
      last = records;
    }
    return grew >= LOOKS;
  }
}
