package io.serin.analytics.judge;

import io.serin.analytics.observation.Observation;
import io.serin.rollout.Guard;
import io.serin.rollout.Metric;
import io.serin.rollout.Variant;
import io.serin.statistics.Logs;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.Evidence;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.RateProcess;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches failures or refusals. Two processes share the guard's wealth: the event-label e-process
 * on each unit's first event of a stage, strong where events are rare, and a both-outcome bet on
 * each unit's first request, strong where they are common: {@link RateProcess}. Where variants have
 * servers of their own both count by blocks of a minute, and a third finds gross failures at once.
 * Fires only with three events of the candidate from two units and the least observed difference.
 */
final class EventGuard implements CandidateGuard {
  private static final int FEWEST_UNITS = 2;
  private static final double GROSS = 0.1;
  private static final double RARE = RateProcess.EVENTS;

  private static final Evidence.Blocks MINUTES = new Evidence.Blocks(Evidence.MINUTE, Double.NaN);

  /** At most a tenth of a minute's requests fail in a server's usual trouble. */
  private static final Evidence USUAL = new Evidence.Gross(0.1, 0.01);

  private final Guard guard;
  private final String candidate;
  private final Finding.Level level;
  private final Cells cells;
  private final String owner;
  private final Exposures exposures;
  private final EventLabels labels;
  private final @Nullable Exceedances gross;
  private final Exceedances more;
  private final @Nullable Exceedances less;
  private final @Nullable Baseline baseline;
  private final Map<Integer, Long> candidateEventsByStage = new HashMap<>();
  private long firstBadAt;

  /** Control's requests that could have had the event: 1 is enough to know. */
  private boolean judged;

  EventGuard(
      Guard guard,
      String candidate,
      Finding.Level level,
      boolean blocks,
      Cells cells,
      Exposures exposures) {
    this.guard = guard;
    this.candidate = candidate;
    this.level = level;
    this.cells = cells;
    this.exposures = exposures;
    this.owner = Cells.owner("events", guard.metric().text(), candidate);
    Evidence evidence = blocks ? MINUTES : Evidence.units();
    this.gross =
        blocks
            ? new Exceedances(ExceedanceDesign.slower(), USUAL, cells, Cells.owner(owner, "gross"))
            : null;
    this.more =
        new Exceedances(ExceedanceDesign.slower(), evidence, cells, Cells.owner(owner, "common"));
    this.less =
        guard.twoSided()
            ? new Exceedances(
                ExceedanceDesign.lessOften(), evidence, cells, Cells.owner(owner, "less"))
            : null;
    this.baseline = guard.margin() > 0 ? new Baseline(guard.margin(), cells, owner) : null;
    firstBadAt = cells.single(Cells.owner(owner, "first"));
    judged = cells.single(Cells.owner(owner, "judged")) > 0;
    this.labels =
        new EventLabels(
            guard.twoSided() ? EventLabelDesign.different() : EventLabelDesign.worse(),
            blocks ? MINUTES : null,
            cells,
            Cells.owner(owner, "count"),
            (version, stratum) -> stratum.stratum(baseline == null ? 1 : baseline.margin(version)));
    labels
        .byStratum()
        .forEach(
            (stratum, events) ->
                candidateEventsByStage.merge(stratum.stage(), events.candidate(), Long::sum));
  }

  @Override
  public void observe(Observation observation) {
    if (baseline != null) {
      baseline.advance(observation.eventTime());
    }
    StratumId stratum = Strata.of(observation, candidate);
    if (stratum == null) {
      return;
    }
    boolean ofCandidate = !observation.variant().equals(Variant.CONTROL);
    boolean errors = guard.metric() == Metric.ERROR_RATE;
    boolean event = errors ? observation.news().firstError() : observation.news().firstRefusal();
    long window = Strata.window(observation);
    if (!ofCandidate && !judged && (errors || observation.refusal() != null)) {
      judged = true;
      cells.set(Cells.owner(owner, "judged"), CellKey.SINGLE, 1);
    }
    boolean now =
        errors
            ? observation.end() == Observation.End.FAILED
            : Boolean.TRUE.equals(observation.refusal());
    if (observation.first() && gross != null) {
      gross.add(window, 0, stratum, ofCandidate, now);
    }
    if (observation.first() && baseline == null) {
      more.add(window, 0, stratum, ofCandidate, now);
      if (less != null) {
        less.add(window, 0, stratum, ofCandidate, now);
      }
    }
    if (event) {
      int version = baseline == null ? 0 : baseline.version(observation.eventTime());
      labels.add(window, version, stratum, ofCandidate);
      if (ofCandidate) {
        candidateEventsByStage.merge(stratum.stage(), 1L, Long::sum);
      }
      if (ofCandidate && (firstBadAt == 0 || observation.eventTime() < firstBadAt)) {
        firstBadAt = observation.eventTime();
        cells.set(Cells.owner(owner, "first"), CellKey.SINGLE, firstBadAt);
      }
    }
    if (baseline != null && !ofCandidate) {
      if (observation.first()) {
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
    double[] logs = bets().stream().mapToDouble(Bet::logE).toArray();
    return Logs.sum(logs) < level.signal();
  }

  private record Bet(double share, double ownLogE, Supplier<Finding.EProcess> process) {
    double logE() {
      return StrictMath.log(share) + ownLogE;
    }
  }

  /** All bets; their shares sum to 1. */
  private List<Bet> bets() {
    List<Bet> bets = new ArrayList<>();
    double all = gross == null ? 1 : 1 - GROSS;
    double rare = baseline == null ? all * RARE : all;
    // Recomputed from its counts only where it is their function alone.
    String name = gross == null ? "events" : "eventBlocks";
    bets.add(
        new Bet(
            rare,
            labels.logE(),
            () -> new Finding.EProcess(name, rare, labels.mixture(), labels.counts())));
    if (gross != null) {
      bets.add(bet("gross", GROSS, gross));
    }
    if (baseline == null) {
      double rest = all * (less == null ? 1 - RARE : (1 - RARE) / 2);
      bets.add(bet("common", rest, more));
      if (less != null) {
        bets.add(bet("commonLess", rest, less));
      }
    }
    return bets;
  }

  private static Bet bet(String name, double share, Exceedances of) {
    return new Bet(
        share, of.logE(), () -> new Finding.EProcess(name, share, of.mixture(), of.counts()));
  }

  private List<Finding.EProcess> processes() {
    return bets().stream().map(bet -> bet.process.get()).toList();
  }

  @Override
  public Finding finding() {
    List<Finding.EProcess> processes = processes();
    Rates rates = new Rates();
    exposures.strata().forEach((stratum, units) -> rates.units(stratum, units[0], units[1]));
    labels
        .byStratum()
        .forEach((stratum, seen) -> rates.events(stratum, seen.candidate(), seen.control()));
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
