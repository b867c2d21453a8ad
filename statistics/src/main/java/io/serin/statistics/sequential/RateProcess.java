package io.serin.statistics.sequential;

import io.serin.statistics.Logs;
import java.util.List;

/**
 * The guard of an event, such as a failed request, as it ships: a mean of two e-processes, so that
 * nothing has to be known beforehand about how common the event is. The event-label process on each
 * unit's first event of a stage has {@link #EVENTS} of the wealth, strong where events are rare; a
 * bet with both outcomes on each unit's first request has the rest, strong where they are common.
 *
 * <p>E = 0.9·E_events + 0.1·E_requests. A mean of e-processes is one: P(E ≥ 1/α ever) ≤ α where
 * both arms fail alike. Where one process does all the work the other costs ln(1/0.9) = 0.11 or
 * ln(1/0.1) = 2.3 of its logarithm. Restarts are on. Not thread-safe.
 */
public final class RateProcess {

  /** Part of the wealth that bets on events alone. */
  public static final double EVENTS = 0.9;

  private static final double LOG_EVENTS = StrictMath.log(EVENTS);
  private static final double LOG_REQUESTS = StrictMath.log(1 - EVENTS);

  private final EventLabelProcess events = new EventLabelProcess(EventLabelDesign.worse());
  private final ExceedanceProcess requests = new ExceedanceProcess(ExceedanceDesign.slower());

  /**
   * A unit's first request of the stratum, if that had the event.
   *
   * @param window number of the event-time window
   * @param stratum without a margin
   */
  public void event(long window, Stratum stratum, boolean candidate) {
    events.add(window, stratum, candidate);
    requests.add(window, 0, stratum, candidate, true);
  }

  /**
   * First requests of units that had no event.
   *
   * @param candidates units of the candidate, ≥ 0
   * @param controls units of control, ≥ 0
   */
  public void quiet(long window, Stratum stratum, long candidates, long controls) {
    requests.add(new ExceedanceCounts(window, 0, stratum, 0, candidates, 0, controls));
  }

  /** ln E now. The guard fires at ln E ≥ ln(1/α). */
  public double logE() {
    return logE(events.logE(), requests.logE());
  }

  /**
   * ln E of two processes that are kept elsewhere.
   *
   * @param events ln E of the bet on events alone
   * @param requests ln E of the bet on requests
   */
  public static double logE(double events, double requests) {
    return Logs.add(LOG_EVENTS + events, LOG_REQUESTS + requests);
  }

  /** Events of the candidate so far. */
  public long candidateEvents() {
    return events.candidateEvents();
  }

  /** Events of control so far. */
  public long controlEvents() {
    return events.controlEvents();
  }

  /** Its counts by stratum, as a verdict shows them. */
  public List<EventCounts> totals() {
    return events.totals();
  }
}
