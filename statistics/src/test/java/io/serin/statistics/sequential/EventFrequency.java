package io.serin.statistics.sequential;

/**
 * Which bet suits how common an event is. The event-label process looks at events alone: what it
 * leaves out, that units without an event also tell, is little while events are rare and much when
 * they are common. Either bet is valid at any rate; the choice must be made before the stratum,
 * from earlier data.
 */
public enum EventFrequency {
  /** At most 10 % of units: {@link EventLabelProcess} on each unit's first event. */
  RARE,
  /**
   * More than 10 % of units: {@link ExceedanceProcess} on one fixed request of each unit, Y = 1
   * where it had the event.
   */
  COMMON;

  private static final double LIMIT = 0.1;
  private static final long FEWEST_UNITS = 50;

  /** By earlier data of both arms; rare while fewer than 50 units are known. */
  public static EventFrequency of(long events, long units) {
    if (!(events >= 0 && events <= units)) {
      throw new IllegalArgumentException(
          "events: 0 <= events <= units is required, not " + events + " of " + units);
    }
    return units >= FEWEST_UNITS && events > LIMIT * units ? COMMON : RARE;
  }
}
