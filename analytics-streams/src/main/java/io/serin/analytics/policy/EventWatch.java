package io.serin.analytics.policy;

import io.serin.analytics.rollout.Guard;
import io.serin.analytics.rollout.Metric;
import io.serin.analytics.rollout.Variant;
import io.serin.statistics.sequential.EventCounts;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Watches rare events, failures or refusals, by the event-label e-process on each unit's first
 * event of a stage. Fires only with three events of the candidate from two units and the least
 * observed difference.
 */
final class EventWatch implements Watch {
  private static final int FEWEST_EVENTS = 3;
  private static final int FEWEST_UNITS = 2;
  private static final double BROKEN_SPLIT = StrictMath.log(20);

  private final Guard guard;
  private final String candidate;
  private final Level level;
  private final Cells cells;
  private final String prefix;
  private final Exposures exposures;
  private final EventLabelProcess process;
  private final Map<Integer, Long> candidateEventsByStage = new HashMap<>();
  private long firstBadAt;

  EventWatch(Guard guard, String candidate, Level level, Cells cells, Exposures exposures) {
    this.guard = guard;
    this.candidate = candidate;
    this.level = level;
    this.cells = cells;
    this.exposures = exposures;
    this.prefix = Cells.name("events", guard.metric().text(), candidate);
    this.process =
        new EventLabelProcess(
            guard.twoSided() ? EventLabelDesign.different() : EventLabelDesign.worse());
    cells
        .under(prefix + "|")
        .forEach(
            (name, counts) -> {
              String rest = name.substring(prefix.length() + 1);
              if (rest.equals("first")) {
                firstBadAt = counts[0];
                return;
              }
              int bar = rest.indexOf('|');
              String stratum = rest.substring(bar + 1);
              process.add(
                  Long.parseLong(rest.substring(0, bar)),
                  Strata.parse(stratum),
                  counts[0],
                  counts[1]);
              candidateEventsByStage.merge(stage(stratum), counts[0], Long::sum);
            });
  }

  @Override
  public void observe(Sight sight) {
    boolean event = guard.metric() == Metric.ERROR_RATE ? sight.firstError() : sight.firstRefusal();
    if (!event) {
      return;
    }
    String stratum = Strata.of(sight, candidate);
    if (stratum == null) {
      return;
    }
    boolean ofCandidate = !sight.variant().equals(Variant.CONTROL);
    long window = Strata.window(sight);
    process.add(window, Strata.parse(stratum), ofCandidate);
    cells.add(Cells.name(prefix, window, stratum), 2, ofCandidate ? 0 : 1, 1);
    if (ofCandidate) {
      candidateEventsByStage.merge(sight.stage(), 1L, Long::sum);
      if (firstBadAt == 0 || sight.eventTime() < firstBadAt) {
        firstBadAt = sight.eventTime();
        cells.set(Cells.name(prefix, "first"), firstBadAt);
      }
    }
  }

  @Override
  public String name() {
    return guard.metric().text() + "/" + candidate;
  }

  @Override
  public boolean quiet() {
    return process.logE() < level.signal();
  }

  @Override
  public Finding finding() {
    List<EventCounts> totals = process.totals();
    Finding.Arms units = exposures.total();
    Finding.Arms events = new Finding.Arms(process.candidateEvents(), process.controlEvents());
    Double difference = difference(totals);
    double split = exposures.logE();
    // Missing candidate units hide events and cannot fire falsely; units too many can.
    boolean broken = split >= BROKEN_SPLIT && exposures.surplus() > 0;
    boolean enough =
        events.candidate() >= FEWEST_EVENTS
            && candidateEventsByStage.values().stream().anyMatch(n -> n >= FEWEST_UNITS)
            && (guard.twoSided() || (difference != null && difference >= guard.atLeast()));
    Double candidateRate = rate(events.candidate(), units.candidate());
    Double controlRate = rate(events.control(), units.control());
    return new Finding(
        candidate,
        guard,
        process.logE(),
        level.fire(),
        level.signal(),
        level.alpha(),
        level.weight(),
        units,
        events,
        difference,
        candidateRate,
        controlRate,
        totals.stream()
            .map(
                c ->
                    new Finding.Counts(
                        c.stratum().name(), c.stratum().probability(), c.candidate(), c.control()))
            .toList(),
        enough,
        broken,
        firstBadAt,
        Map.of("starts", (double) process.starts(), "sampleRatioLogE", split),
        text(units, events));
  }

  /** Weighted over strata by n₁n₀/(n₁+n₀), as Mantel and Haenszel do. */
  private @Nullable Double difference(List<EventCounts> totals) {
    double sum = 0;
    double weights = 0;
    for (EventCounts counts : totals) {
      long[] units = exposures.of(counts.stratum().name());
      // A unit's event may be told before its first request is, or under another class: never more
      // events than units.
      double candidates = Math.max(units[0], counts.candidate());
      double controls = Math.max(units[1], counts.control());
      if (candidates > 0 && controls > 0) {
        double weight = candidates * controls / (candidates + controls);
        sum += weight * (counts.candidate() / candidates - counts.control() / controls);
        weights += weight;
      }
    }
    for (var entry : exposures.strata().entrySet()) {
      long[] units = entry.getValue();
      boolean counted =
          totals.stream().anyMatch(counts -> counts.stratum().name().equals(entry.getKey()));
      if (!counted && units[0] > 0 && units[1] > 0) {
        weights += (double) units[0] * units[1] / (units[0] + units[1]);
      }
    }
    return weights == 0 ? null : sum / weights;
  }

  private String text(Finding.Arms units, Finding.Arms events) {
    String what = guard.metric() == Metric.ERROR_RATE ? "failed" : "were refused";
    return String.format(
        Locale.ROOT,
        "%d of %d units of %s %s, %d of %d of control",
        events.candidate(),
        units.candidate(),
        candidate,
        what,
        events.control(),
        units.control());
  }

  private static @Nullable Double rate(long events, long units) {
    return units == 0 ? null : Double.valueOf((double) events / Math.max(units, events));
  }

  private static int stage(String stratum) {
    return Integer.parseInt(stratum.substring(0, stratum.indexOf('/')));
  }
}
