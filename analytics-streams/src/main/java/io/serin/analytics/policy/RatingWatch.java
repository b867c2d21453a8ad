package io.serin.analytics.policy;

import io.serin.analytics.rollout.Guard;
import io.serin.analytics.rollout.Variant;
import io.serin.statistics.sequential.ConditionalTables;
import io.serin.statistics.sequential.ConditionalTables.Block;
import io.serin.statistics.sequential.MixtureState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Watches users' ratings: each unit's first rating of a stage, a thumb up or down, by a 2×2 block
 * e-process. Given how many of both arms rated in a block and how many thumbs went down, only which
 * arm they went to is random: who rates, and how often, cannot mislead it. Whether the arms rate
 * equally often is tested apart and told.
 *
 * <p>A block is the ratings of one stratum in successive whole 10 s windows that hold {@value
 * #BLOCK} or more, of both arms; it is bet on once, when a later window has begun. Blocks are cut
 * by counts of ratings alone, never by what they say.
 */
final class RatingWatch implements Watch {
  static final int BLOCK = 20;

  private final Guard guard;
  private final String candidate;
  private final Level level;
  private final Cells cells;
  private final String prefix;
  private final Exposures exposures;
  private final Exposures raters;

  /** By window and stratum: {candidate down, candidate up, control down, control up}. */
  private final TreeMap<Long, TreeMap<String, long[]>> windows = new TreeMap<>();

  private ConditionalTables tables = ConditionalTables.moreOften();
  private final Map<String, long[]> open = new TreeMap<>();
  private long bettedThrough = Long.MIN_VALUE;
  private long firstBadAt;

  RatingWatch(Guard guard, String candidate, Level level, Cells cells, Exposures exposures) {
    this.guard = guard;
    this.candidate = candidate;
    this.level = level;
    this.cells = cells;
    this.exposures = exposures;
    this.prefix = Cells.name("ratings", guard.metric().text(), candidate);
    this.raters = new Exposures(cells, Cells.name(prefix, "raters"));
    cells.under(Cells.name(prefix, "first")).values().forEach(at -> firstBadAt = at[0]);
    String start = Cells.name(prefix, "count", "");
    cells
        .under(start)
        .forEach(
            (name, counts) -> {
              String[] parts = name.substring(start.length()).split("\\|", -1);
              windows
                  .computeIfAbsent(Long.parseLong(parts[0]), w -> new TreeMap<>())
                  .put(parts[1], counts.clone());
            });
  }

  @Override
  public void observe(Sight sight) {
    // Requests say nothing of ratings; units are counted by the judge.
  }

  @Override
  public void rate(Rated rated) {
    String stratum = Strata.of(rated, candidate);
    if (stratum == null) {
      return;
    }
    boolean ofCandidate = !rated.variant().equals(Variant.CONTROL);
    long window = Strata.window(rated.eventTime());
    int index = (ofCandidate ? 0 : 2) + (rated.bad() ? 0 : 1);
    windows.computeIfAbsent(window, w -> new TreeMap<>())
        .computeIfAbsent(stratum, s -> new long[4])[index]++;
    cells.add(Cells.name(prefix, "count", window, stratum), 4, index, 1);
    raters.add(stratum, ofCandidate);
    if (ofCandidate && rated.bad() && (firstBadAt == 0 || rated.eventTime() < firstBadAt)) {
      firstBadAt = rated.eventTime();
      cells.set(Cells.name(prefix, "first"), firstBadAt);
    }
    if (window <= bettedThrough) {
      tables = ConditionalTables.moreOften();
      open.clear();
      bettedThrough = Long.MIN_VALUE;
    }
  }

  /** Bets on the blocks that are complete, in the order of windows and strata. */
  private void bet() {
    while (!windows.isEmpty()) {
      Long next =
          bettedThrough == Long.MIN_VALUE ? windows.firstKey() : windows.higherKey(bettedThrough);
      if (next == null || next.equals(windows.lastKey())) {
        break;
      }
      Map<String, long[]> counts = windows.get(next);
      if (counts != null) {
        counts.forEach(this::take);
      }
      bettedThrough = next;
    }
  }

  private void take(String stratum, long[] counts) {
    long[] block = open.computeIfAbsent(stratum, s -> new long[4]);
    for (int i = 0; i < 4; i++) {
      block[i] += counts[i];
    }
    long ofCandidate = block[0] + block[1];
    long ofControl = block[2] + block[3];
    if (ofCandidate + ofControl >= BLOCK && ofCandidate > 0 && ofControl > 0) {
      tables.add(new Block(block[0], ofCandidate, block[2], ofControl));
      open.remove(stratum);
    }
  }

  @Override
  public String name() {
    return guard.metric().text() + "/" + candidate;
  }

  @Override
  public boolean quiet() {
    bet();
    return tables.logE() < level.signal();
  }

  @Override
  public Finding finding() {
    bet();
    Rates rates = new Rates();
    windows
        .values()
        .forEach(
            byStratum ->
                byStratum.forEach(
                    (stratum, c) -> {
                      rates.units(stratum, c[0] + c[1], c[2] + c[3]);
                      rates.events(stratum, c[0], c[2]);
                    }));
    Finding.Arms down = rates.eventTotal();
    Finding.Arms rating = rates.unitTotal();
    Double difference = rates.difference();
    double split = exposures.logE();
    Map<String, Double> evidence = new TreeMap<>();
    evidence.put("blocks", (double) tables.blocks().size());
    evidence.put("ratersLogE", raters.logE());
    List<Finding.Process> processes =
        List.of(new Finding.Process("ratings", 1, mixture(), rates.eventStrata()));
    return new Finding(
        candidate,
        guard,
        Finding.wealth(processes),
        level,
        rating,
        down,
        difference,
        rates.candidateRate(),
        rates.controlRate(),
        rates.interval(),
        rates.eventStrata(),
        exposures.counts(),
        split,
        down.candidate() >= FEWEST_EVENTS && difference != null && difference >= guard.atLeast(),
        split >= BROKEN_SPLIT,
        rating.control() > 0 || exposures.total().control() < ENOUGH_TO_TELL,
        firstBadAt,
        processes,
        List.of(),
        null,
        evidence,
        text(rating, down));
  }

  private MixtureState mixture() {
    List<Double> likelihoods = new ArrayList<>();
    for (double log : tables.logFactors()) {
      likelihoods.add(log);
    }
    double each = -StrictMath.log(likelihoods.size());
    return new MixtureState(
        likelihoods, Collections.nCopies(likelihoods.size(), each), Double.NEGATIVE_INFINITY, 1);
  }

  private String text(Finding.Arms rating, Finding.Arms down) {
    if (rating.control() == 0) {
      return "no unit of control has rated";
    }
    return String.format(
        Locale.ROOT,
        "%d of %d units of %s that rated gave a thumb down, %d of %d of control%s",
        down.candidate(),
        rating.candidate(),
        candidate,
        down.control(),
        rating.control(),
        raters.logE() >= BROKEN_SPLIT ? "; the arms do not rate equally often" : "");
  }
}
