package io.serin.analytics.judge;

import io.serin.analytics.observation.Observation;
import io.serin.rollout.Guard;
import io.serin.rollout.Metric;
import io.serin.rollout.Variant;
import io.serin.statistics.Logs;
import io.serin.statistics.sequential.EventCounts;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.RateProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Watches failures or refusals. Two processes share the guard's wealth: the event-label e-process
 * on each unit's first event of a stage, strong where events are rare, and a both-outcome bet on
 * each unit's first request, strong where they are common: {@link RateProcess}. Fires only with
 * three events of the candidate from two units and the least observed difference.
 */
final class EventGuard implements CandidateGuard {
  private static final int FEWEST_UNITS = 2;
  private static final double RARE = RateProcess.EVENTS;

  private final Guard guard;
  private final String candidate;
  private final Level level;
  private final Cells cells;
  private final String prefix;
  private final Exposures exposures;
  private final EventLabels labels;
  private final Exceedances more;
  private final @Nullable Exceedances less;
  private final @Nullable Baseline baseline;
  private final Map<Integer, Long> candidateEventsByStage = new HashMap<>();
  private long firstBadAt;

  /** Control's requests that could have had the event: 1 is enough to know. */
  private boolean judged;

  EventGuard(Guard guard, String candidate, Level level, Cells cells, Exposures exposures) {
    this.guard = guard;
    this.candidate = candidate;
    this.level = level;
    this.cells = cells;
    this.exposures = exposures;
    this.prefix = Cells.name("events", guard.metric().text(), candidate);
    this.more = new Exceedances(ExceedanceDesign.slower(), cells, Cells.name(prefix, "common"));
    this.less =
        guard.twoSided()
            ? new Exceedances(
                ExceedanceDesign.notSlower().withRestarts(500, 0.8),
                cells,
                Cells.name(prefix, "less"))
            : null;
    this.baseline = guard.margin() > 0 ? new Baseline(guard.margin(), cells, prefix) : null;
    cells.under(Cells.name(prefix, "first")).values().forEach(at -> firstBadAt = at[0]);
    judged = !cells.under(Cells.name(prefix, "judged")).isEmpty();
    this.labels =
        new EventLabels(
            guard.twoSided() ? EventLabelDesign.different() : EventLabelDesign.worse(),
            cells,
            Cells.name(prefix, "count"),
            this::stratum);
    labels
        .totals()
        .forEach(
            c ->
                candidateEventsByStage.merge(
                    Strata.stage(c.stratum().name()), c.candidate(), Long::sum));
  }

  /** Of a key, which is a baseline's version and a stratum's name. */
  private Stratum stratum(String key) {
    int bar = key.indexOf('|');
    String name = key.substring(bar + 1);
    return baseline == null
        ? Strata.parse(name)
        : baseline.stratum(name, Integer.parseInt(key.substring(0, bar)));
  }

  @Override
  public void observe(Observation sight) {
    if (baseline != null) {
      baseline.advance(sight.eventTime());
    }
    String stratum = Strata.of(sight, candidate);
    if (stratum == null) {
      return;
    }
    boolean ofCandidate = !sight.variant().equals(Variant.CONTROL);
    boolean errors = guard.metric() == Metric.ERROR_RATE;
    boolean event = errors ? sight.news().firstError() : sight.news().firstRefusal();
    long window = Strata.window(sight);
    if (!ofCandidate && !judged && (errors || sight.refusal() != null)) {
      judged = true;
      cells.set(Cells.name(prefix, "judged"), 1);
    }
    if (sight.first() && baseline == null) {
      boolean now =
          errors ? sight.end() == Observation.End.FAILED : Boolean.TRUE.equals(sight.refusal());
      more.add(window, 0, stratum, ofCandidate, now);
      if (less != null) {
        less.add(window, 0, stratum, ofCandidate, now);
      }
    }
    if (event) {
      int version = baseline == null ? 0 : baseline.version(sight.eventTime());
      labels.add(window, Cells.name(version, stratum), ofCandidate);
      if (ofCandidate) {
        candidateEventsByStage.merge(Strata.stage(stratum), 1L, Long::sum);
      }
      if (ofCandidate && (firstBadAt == 0 || sight.eventTime() < firstBadAt)) {
        firstBadAt = sight.eventTime();
        cells.set(Cells.name(prefix, "first"), firstBadAt);
      }
    }
    if (baseline != null && !ofCandidate) {
      if (sight.first()) {
        baseline.learn(window, false);
      }
      if (event) {
        baseline.learn(window, true);
      }
    }
  }

  @Override
  public String name() {
    return guard.metric().text() + "/" + candidate;
  }

  @Override
  public boolean quiet() {
    double rare = labels.logE();
    if (baseline != null) {
      return rare < level.signal();
    }
    double common = less == null ? more.logE() : Logs.mean(more.logE(), less.logE());
    return RateProcess.logE(rare, common) < level.signal();
  }

  private List<Finding.EProcess> processes() {
    List<Finding.EProcess> processes = new ArrayList<>();
    double rare = baseline == null ? RARE : 1;
    processes.add(new Finding.EProcess("events", rare, labels.mixture(), labels.counts()));
    if (baseline == null) {
      double rest = less == null ? 1 - RARE : (1 - RARE) / 2;
      processes.add(new Finding.EProcess("common", rest, more.mixture(), more.counts()));
      if (less != null) {
        processes.add(new Finding.EProcess("commonLess", rest, less.mixture(), less.counts()));
      }
    }
    return processes;
  }

  @Override
  public Finding finding() {
    List<Finding.EProcess> processes = processes();
    Rates rates = new Rates();
    exposures.strata().forEach((stratum, units) -> rates.units(stratum, units[0], units[1]));
    for (EventCounts counts : labels.totals()) {
      rates.events(counts.stratum().name(), counts.candidate(), counts.control());
    }
    Finding.Arms units = exposures.total();
    Finding.Arms events = rates.eventTotal();
    Double difference = rates.difference();
    double split = exposures.logE();
    // Missing candidate units hide events and cannot fire falsely; units too many can.
    boolean broken = split >= BROKEN_SPLIT && exposures.surplus() > 0;
    double least = Math.max(guard.atLeast(), guard.margin());
    boolean enough =
        events.candidate() >= FEWEST_EVENTS
            && candidateEventsByStage.values().stream().anyMatch(n -> n >= FEWEST_UNITS)
            && difference != null
            && (guard.twoSided() ? Math.abs(difference) : difference) >= least;
    if (guard.twoSided() && least == 0) {
      enough = events.candidate() + events.control() >= FEWEST_EVENTS;
    }
    Map<String, Double> evidence = new TreeMap<>();
    evidence.put("starts", (double) labels.mixture().starts());
    if (baseline != null) {
      evidence.put("relativeMargin", baseline.margin(baseline.version(Long.MAX_VALUE)));
    }
    return new Finding(
        candidate,
        guard,
        Finding.wealth(processes),
        level,
        units,
        events,
        difference,
        rates.candidateRate(),
        rates.controlRate(),
        rates.interval(),
        rates.eventStrata(),
        exposures.counts(),
        split,
        enough,
        broken,
        judged || units.control() < ENOUGH_TO_TELL,
        firstBadAt,
        processes,
        List.of(),
        null,
        evidence,
        text(units, events));
  }

  private String text(Finding.Arms units, Finding.Arms events) {
    if (!judged) {
      return "nothing of control was judged for " + guard.metric().text();
    }
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
}
