package io.serin.cli.stack.supervise;

import java.time.Duration;

/**
 * How long to wait before a process that died is started again: at once the first time, then ever
 * longer while it goes on dying young. Not thread-safe.
 */
final class RestartDelay {

  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(10);
  private static final Duration OLD = Duration.ofSeconds(30);

  private Duration next = FIRST;

  /**
   * @param lived how long the process had answered when it died; zero if it never did
   */
  Duration after(Duration lived) {
    if (lived.compareTo(OLD) >= 0) {
      next = FIRST;
    }
    Duration wait = next;
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    return wait;
  }
}
