package io.serin.router.kafka;

import java.util.concurrent.locks.LockSupport;

/**
 * How long a publisher that found nothing to send waits before it looks again. One thread; parks on
 * the given object.
 */
final class Pace {

  /** How often an idle publisher looks, while events are likely, and for how many looks. */
  private static final long LOOK_NANOS = 2_000_000;

  private static final int LOOKS = 50;

  /**
   * Under load, events are sent in fewer, larger batches: the work of broker and producer is per
   * batch, and no decision depends on 20 ms.
   */
  private static final long BUSY_LOOK_NANOS = 20_000_000;

  private static final long BUSY_PER_SECOND = 1_000;
  private static final long BACKOFF_MIN_MILLIS = 100;
  private static final long BACKOFF_MAX_MILLIS = 5_000;

  private int looks;
  private int sentSinceLook;
  private long lookedNanos;
  private long backoffMillis = BACKOFF_MIN_MILLIS;

  /** An event was taken from the journal. */
  void sending() {
    looks = 0;
    sentSinceLook++;
  }

  /** Whether events are still likely enough to look for them without being woken. */
  boolean looksAgain() {
    return looks++ < LOOKS;
  }

  /** Waits until the next look. */
  void untilNextLook(Object blocker) {
    long now = System.nanoTime();
    boolean busy =
        sentSinceLook * 1_000_000_000L > BUSY_PER_SECOND * Math.max(1, now - lookedNanos);
    lookedNanos = now;
    sentSinceLook = 0;
    LockSupport.parkNanos(blocker, busy ? BUSY_LOOK_NANOS : LOOK_NANOS);
  }

  /** Waits for room among the events in flight. */
  void untilRoom(Object blocker) {
    LockSupport.parkNanos(blocker, LOOK_NANOS);
  }

  /** Waits after a failure, twice as long each time up to 5 s. */
  void backOff(Object blocker) {
    LockSupport.parkNanos(blocker, backoffMillis * 1_000_000);
    backoffMillis = Math.min(backoffMillis * 2, BACKOFF_MAX_MILLIS);
  }

  void succeeded() {
    backoffMillis = BACKOFF_MIN_MILLIS;
  }
}
