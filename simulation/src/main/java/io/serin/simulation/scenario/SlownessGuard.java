package io.serin.simulation.scenario;

import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.Stratum;
import io.serin.statistics.sketch.LogSketch;

/**
 * A latency or token guard as it ships: the exceedance bet on each unit's first request, and the
 * event-label process on each unit's first request above c_.95, at half of the level each.
 */
final class SlownessGuard {
  private final double threshold;
  private final double tail;
  private final double fire;
  private final Stratum stratum;
  private final ExceedanceProcess first = new ExceedanceProcess(ExceedanceDesign.slower());
  private final EventLabelProcess slow = new EventLabelProcess(EventLabelDesign.worse());

  SlownessGuard(LogSketch earlier, double q, double share, double alpha) {
    this.threshold = earlier.quantile(q);
    this.tail = earlier.quantile(0.95);
    this.fire = -Math.log(alpha / 2);
    this.stratum = new Stratum("all", share);
  }

  /** A unit's first request; the candidate's value is divided by the margin. */
  boolean fires(long window, boolean candidate, double rescaled) {
    first.add(window, 0, stratum, candidate, rescaled > threshold);
    if (rescaled > tail) {
      slow.add(window, stratum, candidate);
    }
    return first.logE() >= fire || (rescaled > tail && slow.logE() >= fire);
  }
}
