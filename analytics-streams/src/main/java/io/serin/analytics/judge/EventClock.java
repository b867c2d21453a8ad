package io.serin.analytics.judge;

import java.util.concurrent.TimeUnit;

/**
 * The newest event time that the judge has seen, in whole seconds: state, so that a restart and a
 * replay see the same time. It advances with observations only. Not thread-safe.
 */
final class EventClock {
  private static final String OWNER = "clock";

  private final Cells cells;
  private long second;

  EventClock(Cells cells) {
    this.cells = cells;
    this.second = cells.single(OWNER);
  }

  /** An observation of this event time came, milliseconds since the epoch. */
  void advance(long eventTime) {
    long now = TimeUnit.MILLISECONDS.toSeconds(eventTime);
    if (now > second) {
      second = now;
      cells.set(OWNER, CellKey.SINGLE, second);
    }
  }

  /** Whether this second has passed. */
  boolean passed(long second) {
    return this.second > second;
  }

  /** The second that a time lies in, milliseconds since the epoch. */
  static long second(long time) {
    return Math.floorDiv(time, 1_000L);
  }
}
