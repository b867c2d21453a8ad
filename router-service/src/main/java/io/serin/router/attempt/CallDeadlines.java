package io.serin.router.attempt;

import java.util.concurrent.TimeUnit;

/**
 * How long a call may take, in milliseconds from its start unless stated otherwise.
 *
 * @param connect until a connection is there
 * @param firstByte until the first content
 * @param idle between two pieces of the answer
 * @param total until the end
 */
public record CallDeadlines(long connect, long firstByte, long idle, long total) {

  /**
   * When a call must have its first content, on the monotonic clock.
   *
   * @param sentNanos when the whole request was sent; a server cannot answer before
   */
  public long firstContentBy(long startedNanos, long sentNanos) {
    return earlier(sentNanos + nanos(firstByte), startedNanos + nanos(total));
  }

  /** When the next piece must have come, on the monotonic clock. */
  public long nextPieceBy(long startedNanos, long lastPieceNanos) {
    return earlier(lastPieceNanos + nanos(idle), startedNanos + nanos(total));
  }

  /** When the answer must have ended, on the monotonic clock. */
  public long endBy(long startedNanos) {
    return startedNanos + nanos(total);
  }

  private static long nanos(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private static long earlier(long one, long other) {
    return one - other < 0 ? one : other;
  }
}
