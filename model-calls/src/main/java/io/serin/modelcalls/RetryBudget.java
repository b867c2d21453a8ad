package io.serin.modelcalls;

/**
 * How often a variant's calls may be tried again: each call earns a fifth of a second try, and up
 * to {@link #RESERVE} may be saved, so that a variant that fails is not given up to twice the load.
 * Thread-safe.
 */
public final class RetryBudget {

  /** Second tries that can be saved, and that a variant starts with. */
  public static final int RESERVE = 10;

  private static final int UNITS = 5;

  private int saved = RESERVE * UNITS;

  /** A call was made. */
  public synchronized void earn() {
    saved = Math.min(RESERVE * UNITS, saved + 1);
  }

  /** Whether a second try may be made; it is then paid for. */
  public synchronized boolean spend() {
    if (saved < UNITS) {
      return false;
    }
    saved -= UNITS;
    return true;
  }
}
