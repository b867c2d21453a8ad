package io.serin.analytics.controller;

import io.serin.analytics.controller.Session.Current;
import io.serin.analytics.gates.Format;
import io.serin.rollout.plan.Forecast;
import io.serin.schemas.EventKind;
import io.serin.statistics.design.BetGrowth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;

/**
 * Announces once a run how many requests an identical candidate is expected to need until it is
 * promoted, with the file's power: the units of each stage, and what every guard's promotion gate
 * gains from all of them together.
 */
final class RequestForecast {
  /** Units of control before its rates and thresholds say enough. */
  private static final int FEWEST = 200;

  private final Session session;

  RequestForecast(Session session) {
    this.session = session;
  }

  void announce(Current in) {
    Status.Run run = in.run();
    if (run.planned > 0 || in.file().stages().getLast().until() == null) {
      return;
    }
    double most = 0;
    for (String candidate : in.served()) {
      if (in.evidence().errors(candidate).totals().controlUnits() < FEWEST) {
        return;
      }
      most = Math.max(most, units(in, candidate));
    }
    if (most == 0 || Double.isInfinite(most)) {
      return;
    }
    run.planned = (long) Math.ceil(most);
    String first = in.served().getFirst();
    long seen = in.evidence().errors(first).inStage(run.stage).units();
    double millis = most * Math.max(1, run.watched) / Math.max(1, seen);
    session.tell(
        in,
        EventKind.PLANNED,
        "Planned: about "
            + Format.about(most)
            + " requests of new units until promotion, "
            + Format.duration(millis)
            + " at this rate, where the candidate is no worse; stages also last as long as they"
            + " say.",
        Map.of("requests", Long.toString(run.planned), "millis", Long.toString((long) millis)));
  }

  /** Units of this and all later stages; infinite where no number is enough. */
  static double units(Current in, String candidate) {
    double rate = in.evidence().errors(candidate).totals().controlRate();
    List<DoubleFunction<BetGrowth>> gates = new ArrayList<>();
    in.evidence().of(candidate).forEach(part -> gates.add(part::growth));
    return Forecast.promotion(in.file(), in.run().stage, candidate, rate, gates);
  }
}
