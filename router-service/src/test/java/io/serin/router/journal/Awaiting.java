package io.serin.router.journal;

import static org.assertj.core.api.Assertions.assertThat;

/** Waits for conditions. */
public final class Awaiting {

  private static final long LIMIT_NANOS = 30_000_000_000L;

  /** A condition that may fail while it is asked. */
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws Exception;
  }

  private Awaiting() {}

  public static void until(Condition condition) {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (true) {
      try {
        if (condition.holds()) {
          return;
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
      assertThat(System.nanoTime()).as("the condition did not hold in time").isLessThan(deadline);
      pause(2);
    }
  }

  public static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
