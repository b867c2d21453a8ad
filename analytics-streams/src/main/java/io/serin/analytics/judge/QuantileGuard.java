package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.Bin;
import io.serin.analytics.observation.EventClock;
import io.serin.analytics.observation.Measure;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Guard;
import io.serin.rollout.Variant;
import io.serin.rollout.value.WaitingMarks;
import io.serin.statistics.confidence.QuantileSequence;
import io.serin.statistics.sketch.LogSketch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Watches a quantile with a margin: the candidate's values, divided by 1 + margin, against the same
 * quantile read from control. A unit gives its first request of a stage and, where it returns, its
 * first of each later day: {@link QuantileBets}.
 *
 * <p>Times depend on the prompt cache, and a cache at a small share of the traffic is colder. Where
 * {@link CacheState} sees that, only strata with equal shares may roll back, by bets of their own
 * that hold a tenth of the wealth; all strata together flag.
 */
final class QuantileGuard implements CandidateGuard {
  private static final int CONTROL = 0;
  private static final int CANDIDATE = 1;
  private static final double FAIR = 0.1;
  private static final double LEVEL = 0.05;
  private static final double TUNED = 1_000;

  private final Guard guard;
  private final String candidate;
  private final Finding.Level level;
  private final Cells cells;
  private final Thresholds thresholds;
  private final CacheState cache;
  private final Measure measure;
  private final String owner;
  private final Exposures analysed;
  private final QuantileBets all;
  private final QuantileBets fair;
  private final WaitingUnits waiting;
  private final LogSketch candidateSketch;
  private final LogSketch controlSketch;
  private long firstBadAt;

  QuantileGuard(
      Guard guard,
      Measure measure,
      String candidate,
      Finding.Level level,
      boolean blocks,
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
    double q = guard.metric().quantile();
    this.all = new QuantileBets(q, blocks, cells, Cells.owner(owner, "all"), clock);
    this.fair = new QuantileBets(q, blocks, cells, Cells.owner(owner, "fair"), clock);
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
    } else if (ended && observation.news().firstOfDay(measure.peak())) {
      again(observation, stratum, ofCandidate, value / scale, known);
    }
  }

  /** Counts a unit's first request of the stage, above the threshold and far above it. */
  private void first(
      Observation observation,
      StratumId stratum,
      boolean ofCandidate,
      double y,
      double scale,
      Thresholds.Version known) {
    double limit = known.quantile(guard.metric().quantile());
    DelayedCounts.Exceeding.Told over =
        told(observation, stratum, ofCandidate, y, scale, known.number(), limit);
    DelayedCounts.Exceeding.Told far =
        told(observation, stratum, ofCandidate, y, scale, known.number(), QuantileBets.FAR * limit);
    boolean comparable = cache.fair(observation);
    if (far != null) {
      all.far(far);
      if (comparable) {
        fair.far(far);
      }
    }
    if (over == null) {
      return;
    }
    all.first(over, analysed::add);
    if (comparable) {
      fair.first(over, (in, candidates) -> {});
    }
    waiting.add(observation, ofCandidate);
    if (over.over() && ofCandidate) {
      bad(observation);
    }
  }

  /**
   * The first of the request's observations that shows on which side of the limit it is; null for
   * the others. A client that left before is not above: were it only for slowness, fewer of the
   * slower arm would be.
   */
  private DelayedCounts.Exceeding.@Nullable Told told(
      Observation observation,
      StratumId stratum,
      boolean ofCandidate,
      double y,
      double scale,
      int version,
      double limit) {
    boolean over = y > limit;
    if (measure.told(observation) / scale > limit
        || (!over && observation.running() && measure.censored(observation))) {
      return null; // Known before, or not known yet.
    }
    long due = due(observation, limit);
    long window =
        due == Long.MIN_VALUE ? Strata.window(observation) : DelayedCounts.Exceeding.window(due);
    return new DelayedCounts.Exceeding.Told(due, window, version, stratum, ofCandidate, over);
  }

  /** Counts a returning unit's first request of a later day. */
  private void again(
      Observation observation,
      StratumId stratum,
      boolean ofCandidate,
      double y,
      Thresholds.Version known) {
    boolean over = y > known.quantile(guard.metric().quantile());
    if (!over && measure.censored(observation)) {
      return; // The client left before the threshold: it cannot be known.
    }
    long at = observation.eventTime();
    all.again(at, known.number(), stratum, ofCandidate, over);
    if (cache.fair(observation)) {
      fair.again(at, known.number(), stratum, ofCandidate, over);
    }
    if (over && ofCandidate) {
      bad(observation);
    }
  }

  /** The first mark that proves a wait above the threshold, margin included, in either arm. */
  private long due(Observation observation, double limit) {
    Long startedAt = observation.progress().startedAt();
    return startedAt == null || !measure.time() || measure == Measure.TPOT
        ? Long.MIN_VALUE
        : EventClock.second(startedAt + WaitingMarks.proving(limit * (1 + guard.margin()) / 1_000));
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
    Finding.Arms events = all.events();
    Finding.Flag flag =
        colder
            ? new Finding.Flag(all.wealth(), level.signal(), events.candidate() >= FEWEST_EVENTS)
            : null;
    Double candidateQuantile = quantile(candidateSketch);
    Double controlQuantile = quantile(controlSketch);
    Rates rates = new Rates();
    all.firsts().addTo(rates);
    Map<String, Double> evidence = new TreeMap<>();
    evidence.put("candidateAbove", (double) all.firsts().candidateYes());
    evidence.put("controlAbove", (double) all.firsts().controlYes());
    evidence.put("candidateAboveToday", (double) all.returning().candidate());
    evidence.put("controlAboveToday", (double) all.returning().control());
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
        (colder ? fair : all).events().candidate() >= FEWEST_EVENTS,
        split >= BROKEN_SPLIT,
        thresholds.known() || cache.controlUnits() < ENOUGH_TO_TELL,
        firstBadAt,
        processes,
        thresholds.newest().stream().map(v -> v.told(guard.metric().quantile())).toList(),
        flag,
        evidence,
        text(candidateQuantile, controlQuantile, colder));
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
