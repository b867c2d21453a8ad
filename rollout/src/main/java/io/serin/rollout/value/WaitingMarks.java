package io.serin.rollout.value;

/**
 * The waiting times at which a router says that an attempt is still running: 1, 2, 4, 8 … seconds.
 * Each is twice the one before, so an attempt of an hour has twelve; decision 0075.
 */
public final class WaitingMarks {

  /** The first mark, milliseconds. */
  public static final long FIRST = 1_000;

  private WaitingMarks() {}

  /** The mark that follows this one, milliseconds. */
  public static long after(long mark) {
    return 2 * mark;
  }

  /** The first mark that proves a wait of more than this, milliseconds. */
  public static long proving(double waitMillis) {
    long mark = FIRST;
    while (mark <= waitMillis && mark < Long.MAX_VALUE / 4) {
      mark = after(mark);
    }
    return mark;
  }
}
