package io.serin.worker;

/**
 * A rate as a schedule: each start takes the next free moment. Without bursts: what was not used is
 * gone, so that a worker that comes back does not fall upon a candidate. Thread-safe.
 */
final class Pace {
  private long nextNanos;
  private boolean started;

  /**
   * Takes the next start.
   *
   * @param nowNanos of a monotonic clock
   * @param perSecond starts a second; 0 is without limit
   * @return nanoseconds to wait from now, 0 or greater
   */
  synchronized long take(long nowNanos, double perSecond) {
    if (perSecond <= 0) {
      return 0;
    }
    if (!started || nextNanos - nowNanos < 0) {
      nextNanos = nowNanos;
      started = true;
    }
    long wait = nextNanos - nowNanos;
    nextNanos += (long) (1e9 / perSecond);
    return wait;
  }
}
