package io.serin.worker.call;

import io.serin.schemas.Deadlines;

/** The deadlines of one attempt, against a monotonic clock. A deadline of 0 never passes. */
record CallClock(long startNanos, Deadlines deadlines) {
  long nanos() {
    return System.nanoTime() - startNanos;
  }

  long micros() {
    return nanos() / 1_000;
  }

  long untilFirstByte() {
    return Math.min(left(deadlines.getFirstByte()), left(deadlines.getTotal()));
  }

  long untilNextByte(boolean begun) {
    return begun
        ? Math.min(nanos(deadlines.getIdle()), left(deadlines.getTotal()))
        : untilFirstByte();
  }

  private long left(int millis) {
    return Math.max(0, nanos(millis) - (System.nanoTime() - startNanos));
  }

  private static long nanos(int millis) {
    return millis <= 0 ? Long.MAX_VALUE / 2 : millis * 1_000_000L;
  }
}
