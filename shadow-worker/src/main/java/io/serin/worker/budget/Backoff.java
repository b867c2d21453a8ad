package io.serin.worker.budget;

import java.time.Duration;

/**
 * How long to wait before trying again: doubles from {@code first} up to {@code longest}.
 *
 * @param first above 0
 * @param longest at least {@code first}
 */
public record Backoff(Duration first, Duration longest) {
  public Backoff {
    if (!first.isPositive() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "backoff is " + first + " … " + longest + ": it must begin above 0 and not fall");
    }
  }

  /**
   * The wait after a failure.
   *
   * @param failures how many there were so far, from 1
   */
  public Duration after(int failures) {
    long millis = first.toMillis() << Math.min(20, Math.max(0, failures - 1));
    return millis > longest.toMillis() ? longest : Duration.ofMillis(millis);
  }
}
