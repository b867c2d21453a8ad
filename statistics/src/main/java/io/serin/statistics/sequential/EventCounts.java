package io.serin.statistics.sequential;

/**
 * Events of one stratum in one window, by label: the whole state of an {@link EventLabelProcess} is
 * a list of these.
 *
 * @param window number of the event-time window (event time divided by its length, Serin: 10 s)
 * @param candidate events with the candidate's label, ≥ 0
 * @param control events with control's label, ≥ 0
 */
public record EventCounts(long window, Stratum stratum, long candidate, long control) {
  public EventCounts {
    if (candidate < 0 || control < 0) {
      throw new IllegalArgumentException(
          "counts: must not be negative, not " + candidate + " and " + control);
    }
  }
}
