package io.serin.analytics.streams;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How often threads of an application failed, and whether another is to take the place of one:
 * {@value #MOST} failures within ten minutes end the instance, since repeating does not help then.
 * While Kafka or the registry is unavailable, threads are replaced indefinitely. Thread-safe.
 */
final class ThreadFailures {
  static final int MOST = 20;
  static final Duration WITHIN = Duration.ofMinutes(10);

  /** So long after a failure the application does not count as working. */
  static final Duration UNSETTLED = Duration.ofSeconds(10);

  private final Deque<Long> failures = new ArrayDeque<>();
  private long failedAt = Long.MIN_VALUE / 2;

  /** Whether no thread failed lately. */
  synchronized boolean settled(long now) {
    return now - failedAt > UNSETTLED.toMillis();
  }

  /** Counts a failure; true where the thread is to be replaced. */
  synchronized boolean mayRepeat(Throwable failure, long now) {
    failedAt = now;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof VirtualMachineError) {
        return false;
      }
    }
    if (Faults.unavailable(failure)) {
      return true;
    }
    failures.addLast(now);
    while (now - failures.getFirst() > WITHIN.toMillis()) {
      failures.removeFirst();
    }
    return failures.size() <= MOST;
  }
}
