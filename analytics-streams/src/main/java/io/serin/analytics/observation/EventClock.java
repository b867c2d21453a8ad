package io.serin.analytics.observation;

import java.util.function.LongConsumer;

/**
 * The newest event time that was seen, in whole seconds: state, so that a restart and a replay see
 * the same time. It advances with observations only. Not thread-safe.
 */
public final class EventClock {
  private final LongConsumer keep;
  private long second;

  /**
   * @param second that it showed last; 0 for a new one
   * @param keep takes each second that it shows
   */
  public EventClock(long second, LongConsumer keep) {
    this.second = second;
    this.keep = keep;
  }

  /** An observation of this event time came, milliseconds since the epoch. */
  public void advance(long eventTime) {
    long now = second(eventTime);
    if (now > second) {
      second = now;
      keep.accept(now);
    }
  }

  /** Whether this second has passed. */
  public boolean passed(long second) {
    return this.second > second;
  }

  /** The second that a time lies in, milliseconds since the epoch. */
  public static long second(long time) {
    return Math.floorDiv(time, 1_000L);
  }
}
