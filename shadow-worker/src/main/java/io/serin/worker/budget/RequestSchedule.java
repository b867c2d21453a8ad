package io.serin.worker.budget;

/**
 * A rate as a schedule: each start takes the next free moment. Without bursts: what was not used is
 * gone, so that a worker that comes back does not fall upon a candidate. Thread-safe.
 */
public final class RequestSchedule {
  private long nextNanos;
  private long heldUntilNanos;
  private boolean started;
  private boolean held;

  /**
   * Takes the next start.
   *
   * @param nowNanos of a monotonic clock
   * @param perSecond starts a second; 0 is without limit
   * @return nanoseconds to wait from now, 0 or greater
   */
  public synchronized long take(long nowNanos, double perSecond) {
    long hold = held ? Math.max(0, heldUntilNanos - nowNanos) : 0;
    if (perSecond <= 0) {
      return hold;
    }
    if (!started || nextNanos - nowNanos < hold) {
      nextNanos = nowNanos + hold;
      started = true;
    }
    long wait = nextNanos - nowNanos;
    nextNanos += (long) (1e9 / perSecond);
    return wait;
  }

  /** Nobody starts before this moment: the model asked for less haste. */
  public synchronized void hold(long untilNanos) {
    if (!held || untilNanos - heldUntilNanos > 0) {
      heldUntilNanos = untilNanos;
      held = true;
    }
  }

  /** Whether a hold is in force. */
  public synchronized boolean held(long nowNanos) {
    return held && heldUntilNanos - nowNanos > 0;
  }
}
