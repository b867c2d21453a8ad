package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.Bin;
import io.serin.analytics.observation.EventClock;
import io.serin.analytics.observation.Measure;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Guard;
import io.serin.rollout.Variant;
import io.serin.rollout.value.WaitingMarks;
import io.serin.statistics.Logs;
import io.serin.statistics.confidence.QuantileSequence;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sketch.LogSketch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Watches a quantile with a margin: the candidate's values, divided by 1 + margin, against
 * thresholds read from control, by a bet on each unit's first request of a stage. A second process
 * watches the unit's first value above c_.95, with half of the wealth: units that return have given
 * their first request.
 *
 * <p>Times depend on the prompt cache, and a cache at a small share of the traffic is colder. Where
 * {@link CacheState} sees that, only strata with equal shares may roll back, by processes of their
 * own that hold a tenth of the wealth; all strata together flag.
 */
final class QuantileGuard implements CandidateGuard {
  private static final int CONTROL = 0;
  private static final int CANDIDATE = 1;
  private static final double SLOW = 0.95;
  private static final double FAIR = 0.1;
  private static final double LEVEL = 0.05;
  private static final double TUNED = 1_000;

  /** The two processes on some strata. */
  private static final class Pair {
    final DelayedExceedances delayed;
    final Exceedances firsts;
    final EventLabels peaks;
    final DelayedCounts delayedPeaks;
    final EventClock clock;

    Pair(Cells cells, String owner, EventClock clock) {
      this.firsts = new Exceedances(ExceedanceDesign.slower(), cells, Cells.owner(owner, "over"));
      this.delayed = new DelayedExceedances(firsts, cells, Cells.owner(owner, "delayed"), clock);
      this.clock = clock;
      this.delayedPeaks = new DelayedCounts(cells, Cells.owner(owner, "delayedPeaks"), 2);
      this.peaks =
          new EventLabels(
              EventLabelDesign.worse(),
              cells,
              Cells.owner(owner, "peak"),
              (version, stratum) -> stratum.stratum());
    }

    /** Counts a unit's first value above c_.95, now or when it is due. */
    void peak(long due, long window, StratumId stratum, boolean candidate) {
      if (clock.passed(due)) {
        peaks.add(window, 0, stratum, candidate);
      } else {
        delayedPeaks.add(due, 0, stratum, candidate ? 0 : 1);
      }
    }

    /** Counts what is due by now. */
    void release(DelayedExceedances.Counted first) {
      delayed.release(first);
      delayedPeaks.release(
          clock,
          (second, version, stratum, counts) -> {
            for (int arm = 0; arm < 2; arm++) {
              for (long n = counts[arm]; n > 0; n--) {
                peaks.add(DelayedExceedances.window(second), version, stratum, arm == 0);
              }
            }
          });
    }

    /** With both processes holding half. */
    double wealth() {
      return Logs.mean(firsts.logE(), peaks.logE());
    }

    List<Finding.EProcess> processes(String of, double share) {
      return List.of(
          new Finding.EProcess(of + "first", share / 2, firsts.mixture(), firsts.counts()),
          new Finding.EProcess(of + "peaks", share / 2, peaks.mixture(), peaks.counts()));
    }
  }

  private final Guard guard;
  private final String candidate;
  private final Level level;
  private final Cells cells;
  private final Thresholds thresholds;
  private final CacheState cache;
  private final Measure measure;
  private final String owner;
  private final Exposures analysed;
  private final Pair all;
  private final Pair fair;
  private final WaitingUnits waiting;
  private final LogSketch candidateSketch;
  private final LogSketch controlSketch;
  private long firstBadAt;

  QuantileGuard(
      Guard guard,
      Measure measure,
      String candidate,
      Level level,
      Cells cells,
      EventClock clock,
      Thresholds thresholds,
      CacheState cache) {
    this.guard = guard;
    this.candidate = candidate;
    this.level = level;
    this.cells = cells;
    this.thresholds = thresholds;
    this.cache = cache;
    this.measure = measure;
    this.owner = Cells.owner("quantile", guard.metric().text(), candidate);
    this.analysed = new Exposures(cells, Cells.owner(owner, "units"));
    this.all = new Pair(cells, Cells.owner(owner, "all"), clock);
    this.fair = new Pair(cells, Cells.owner(owner, "fair"), clock);
    this.waiting = new WaitingUnits(cells, Cells.owner(owner, "waiting"));
    this.candidateSketch = measure.sketch();
    this.controlSketch = measure.sketch();
    firstBadAt = cells.single(Cells.owner(owner, "first"));
    cells
        .of(Cells.owner(owner, "bin"))
        .forEach(
            (index, counts) -> {
              if (index instanceof Bin bin) {
                Thresholds.add(
                    bin.sketch() == CANDIDATE ? candidateSketch : controlSketch,
                    bin.bin(),
                    counts[0]);
              }
            });
  }

  @Override
  public void running(Observation observation) {
    observe(observation);
  }

  @Override
  public void observe(Observation observation) {
    all.release(analysed::add);
    fair.release((stratum, ofCandidate) -> {});
    StratumId stratum = Strata.of(observation, candidate);
    Double value = measure.value(observation);
    if (stratum == null || value == null) {
      return;
    }
    boolean ofCandidate = !observation.variant().equals(Variant.CONTROL);
    boolean given = measure.given(observation);
    boolean ended = !observation.running();
    if (given && ended && !measure.censored(observation) && !value.isInfinite()) {
      LogSketch sketch = ofCandidate ? candidateSketch : controlSketch;
      int bin = Thresholds.bin(sketch, value);
      Thresholds.add(sketch, bin, 1);
      cells.add(
          Cells.owner(owner, "bin"), new Bin(ofCandidate ? CANDIDATE : CONTROL, bin), 1, 0, 1);
    }
    Thresholds.Version known = thresholds.of(observation);
    if (known == null) {
      return;
    }
    double scale = ofCandidate ? 1 + guard.margin() : 1;
    if (given) {
      first(observation, stratum, ofCandidate, value / scale, scale, known);
    }
    Long before = observation.news().peaks().get(measure.peak());
    if (before != null) {
      peak(observation, stratum, ofCandidate, value / scale, before, scale, known);
    }
  }

  /**
   * Counts the first of the request's observations that shows on which side of the threshold it is.
   * A client that left before is not above: were it only for slowness, fewer of the slower arm
   * would be.
   */
  private void first(
      Observation observation,
      StratumId stratum,
      boolean ofCandidate,
      double y,
      double scale,
      Thresholds.Version known) {
    double limit = known.quantile(guard.metric().quantile());
    boolean over = y > limit;
    if (measure.told(observation) / scale > limit
        || (!over && observation.running() && measure.censored(observation))) {
      return; // Known before, or not known yet.
    }
    long due = due(observation, limit);
    long window = window(observation, due);
    DelayedExceedances.Told told =
        new DelayedExceedances.Told(due, window, known.number(), stratum, ofCandidate, over);
    all.delayed.add(told, analysed::add);
    if (cache.fair(observation)) {
      fair.delayed.add(told, (in, candidates) -> {});
    }
    waiting.add(observation, ofCandidate);
    if (over && ofCandidate) {
      bad(observation);
    }
  }

  private static long window(Observation observation, long due) {
    return due == Long.MIN_VALUE ? Strata.window(observation) : DelayedExceedances.window(due);
  }

  /** The first mark that proves a wait above the threshold, margin included, in either arm. */
  private long due(Observation observation, double limit) {
    Long startedAt = observation.progress().startedAt();
    return startedAt == null || !measure.time() || measure == Measure.TPOT
        ? Long.MIN_VALUE
        : EventClock.second(startedAt + WaitingMarks.proving(limit * (1 + guard.margin()) / 1_000));
  }

  private void peak(
      Observation observation,
      StratumId stratum,
      boolean ofCandidate,
      double y,
      long before,
      double scale,
      Thresholds.Version known) {
    double limit = known.quantile(SLOW);
    if (y > limit && before != Measure.FAILED && before / scale <= limit) {
      long due = due(observation, limit);
      long window = window(observation, due);
      all.peak(due, window, stratum, ofCandidate);
      if (cache.fair(observation)) {
        fair.peak(due, window, stratum, ofCandidate);
      }
      if (ofCandidate) {
        bad(observation);
      }
    }
  }

  private void bad(Observation observation) {
    if (firstBadAt == 0 || observation.eventTime() < firstBadAt) {
      firstBadAt = observation.eventTime();
      cells.set(Cells.owner(owner, "first"), CellKey.SINGLE, firstBadAt);
    }
  }

  @Override
  public String name() {
    return guard.metric().text() + "/" + candidate;
  }

  @Override
  public boolean quiet() {
    return Math.max(all.wealth(), fair.wealth()) < level.signal();
  }

  @Override
  public Finding finding() {
    boolean times = measure.time() && measure != Measure.TPOT;
    boolean colder = times && cache.colder();
    // Which of both may fire follows from the data: their shares add up to the whole.
    List<Finding.EProcess> ofAll = all.processes("", colder ? 0 : times ? 1 - FAIR : 1);
    List<Finding.EProcess> ofFair = times ? fair.processes("fair.", colder ? FAIR : 0) : List.of();
    List<Finding.EProcess> processes = new ArrayList<>(ofAll);
    processes.addAll(ofFair);
    double split = analysed.logE();
    Finding.Arms events = events(all);
    Finding.Flag flag =
        colder
            ? new Finding.Flag(all.wealth(), level.signal(), events.candidate() >= FEWEST_EVENTS)
            : null;
    Double candidateQuantile = quantile(candidateSketch);
    Double controlQuantile = quantile(controlSketch);
    Rates rates = new Rates();
    all.firsts.addTo(rates);
    Map<String, Double> evidence = new TreeMap<>();
    evidence.put("candidateAbove", (double) all.firsts.candidateYes());
    evidence.put("controlAbove", (double) all.firsts.controlYes());
    evidence.put("candidatePeaks", (double) all.peaks.candidateEvents());
    evidence.put("controlPeaks", (double) all.peaks.controlEvents());
    evidence.put("colderCache", colder ? 1.0 : 0.0);
    return new Finding(
        candidate,
        guard,
        Finding.wealth(processes),
        level,
        analysed.total(),
        events,
        candidateQuantile == null || controlQuantile == null
            ? null
            : Double.valueOf(candidateQuantile - controlQuantile),
        candidateQuantile,
        controlQuantile,
        ratio(),
        rates.eventStrata(),
        analysed.counts(),
        split,
        events(colder ? fair : all).candidate() >= FEWEST_EVENTS,
        split >= BROKEN_SPLIT,
        thresholds.known() || cache.controlUnits() < ENOUGH_TO_TELL,
        firstBadAt,
        processes,
        thresholds.newest().stream().map(v -> v.told(guard.metric().quantile())).toList(),
        flag,
        evidence,
        text(candidateQuantile, controlQuantile, colder));
  }

  /** Of the process with the greater evidence. */
  private static Finding.Arms events(Pair pair) {
    return pair.peaks.logE() > pair.firsts.logE()
        ? new Finding.Arms(pair.peaks.candidateEvents(), pair.peaks.controlEvents())
        : new Finding.Arms(pair.firsts.candidateYes(), pair.firsts.controlYes());
  }

  private Finding.Range ratio() {
    return candidateSketch.count() == 0 || controlSketch.count() == 0
        ? Finding.Range.OPEN
        : Finding.Range.of(
            QuantileSequence.ratio(
                candidateSketch, controlSketch, guard.metric().quantile(), LEVEL, TUNED));
  }

  private @Nullable Double quantile(LogSketch sketch) {
    return sketch.count() == 0 ? null : Double.valueOf(sketch.quantile(guard.metric().quantile()));
  }

  private String text(@Nullable Double ofCandidate, @Nullable Double ofControl, boolean colder) {
    if (ofCandidate == null || ofControl == null) {
      return guard.metric().text() + " has no measurements of both arms yet";
    }
    String unit = measure.time() ? " ms" : "";
    return String.format(
        Locale.ROOT,
        "%s%s of %s is %.1f%s, of control %.1f%s; %.0f %% worse is allowed%s",
        waiting.text(candidate),
        guard.metric().text(),
        candidate,
        measure.shown(ofCandidate),
        unit,
        measure.shown(ofControl),
        unit,
        guard.margin() * 100,
        colder ? "; its prompt cache is colder at this share, so this flags only" : "");
  }
}
