package io.serin.statistics.sequential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A guard on feedback: among those who rated, is the candidate's rating bad more often? And, apart
 * from it, do the arms rate equally often? Each unit gives its first rating, in the stage of the
 * rated request.
 *
 * <p>Whether people rate is itself an effect of the variant, so the rating is compared given who
 * rated: a 2×2 block e-process. A block is a stratum's ratings in consecutive windows until it
 * holds {@link FeedbackDesign#ratingsPerBlock} of them and one of each arm; it is bet on once, when
 * its last window has closed. With a bad ratings of the candidate's n_a, and b of control's n_b
 *
 * <pre>
 *   E = Σ_j w_j · mean over odds o of Π_blocks P(a | a+b, n_a, n_b, o) / P(a | a+b, n_a, n_b, 1)
 * </pre>
 *
 * <p>where P is Fisher's noncentral hypergeometric and j a start, as in {@link EventLabelProcess}.
 * Guarantee: P(E ever ≥ 1/α) ≤ α while a rated unit is as likely to be dissatisfied in both arms
 * within a block, whatever that probability does from block to block and whoever rates: where a
 * block ends depends on who rated alone, not on how.
 *
 * <p>{@link #whoRatesLogE()} tests that the arms rate equally often: a rating carries the
 * candidate's label with probability ρ if they do. Where they do not, those who rated are not
 * comparable people: the guard's evidence stands as a difference among raters, and should be shown
 * to a person instead of rolling back.
 *
 * <p>Ratings of the newest window are not judged yet. The value is a function of integer counts
 * alone; order of arrival, merging and replays cannot change a bit of it. Not thread-safe. Source:
 * Turner, Ly, Grünwald 2024 (safe tests for 2×2 contingency tables).
 */
public final class FeedbackProcess {
  private static final class Cell {
    long candidateBad;
    long candidateRated;
    long controlBad;
    long controlRated;

    void add(Cell other) {
      candidateBad += other.candidateBad;
      candidateRated += other.candidateRated;
      controlBad += other.controlBad;
      controlRated += other.controlRated;
    }

    long rated() {
      return candidateRated + controlRated;
    }

    FeedbackCounts counts(long window, Stratum stratum) {
      return new FeedbackCounts(
          window, stratum, candidateBad, candidateRated, controlBad, controlRated);
    }
  }

  private final FeedbackDesign design;
  private final TreeMap<Long, TreeMap<Stratum, Cell>> windows = new TreeMap<>();
  private final EventLabelProcess raters = new EventLabelProcess(EventLabelDesign.different());

  private final RestartMixture mixture;
  private final double[] settled;
  private final Map<Stratum, Cell> open = new HashMap<>();
  private long settledThrough = Long.MIN_VALUE;
  private long closedSinceStart;
  private long closedBlocks;

  public FeedbackProcess(FeedbackDesign design) {
    this.design = design;
    this.settled = new double[design.odds().size()];
    this.mixture = new RestartMixture(settled.length, design.firstWeight());
  }

  /** The process that has seen these counts, in whatever order they are given. */
  public static FeedbackProcess of(FeedbackDesign design, Iterable<FeedbackCounts> counts) {
    FeedbackProcess process = new FeedbackProcess(design);
    counts.forEach(process::add);
    return process;
  }

  public FeedbackDesign design() {
    return design;
  }

  /**
   * Counts the first rating of one unit.
   *
   * @param bad whether it is a bad one: a thumb down, or a score below what counts as good
   */
  public void add(long window, Stratum stratum, boolean candidate, boolean bad) {
    add(
        new FeedbackCounts(
            window,
            stratum,
            candidate && bad ? 1 : 0,
            candidate ? 1 : 0,
            !candidate && bad ? 1 : 0,
            candidate ? 0 : 1));
  }

  public void add(FeedbackCounts c) {
    Cell cell =
        windows
            .computeIfAbsent(c.window(), w -> new TreeMap<>())
            .computeIfAbsent(c.stratum(), s -> new Cell());
    cell.candidateBad += c.candidateBad();
    cell.candidateRated += c.candidateRated();
    cell.controlBad += c.controlBad();
    cell.controlRated += c.controlRated();
    raters.add(c.window(), c.stratum(), c.candidateRated(), c.controlRated());
    if (c.window() <= settledThrough) {
      startOver();
    }
  }

  /** A new process with the counts of both; both must have the same design. */
  public FeedbackProcess merge(FeedbackProcess other) {
    if (!design.equals(other.design)) {
      throw new IllegalArgumentException("design: only processes of one design merge");
    }
    FeedbackProcess merged = of(design, counts());
    other.counts().forEach(merged::add);
    return merged;
  }

  /** ln E that the candidate's ratings are worse, over the blocks that are complete. */
  public double logE() {
    settle();
    return mixture.logE(settled);
  }

  /** What ln E is computed from now, as evidence for a verdict. */
  public MixtureState mixture() {
    settle();
    return mixture.state(settled);
  }

  /** ln E that the arms do not rate equally often, over all ratings. */
  public double whoRatesLogE() {
    return raters.logE();
  }

  /** Blocks that have been bet on. */
  public long blocks() {
    settle();
    return closedBlocks;
  }

  /** Ratings of one stratum over all windows, as evidence; the window is the newest. */
  public FeedbackCounts totals(Stratum stratum) {
    Cell sum = new Cell();
    windows
        .values()
        .forEach(
            cells -> {
              Cell cell = cells.get(stratum);
              if (cell != null) {
                sum.add(cell);
              }
            });
    return sum.counts(windows.isEmpty() ? 0 : windows.lastKey(), stratum);
  }

  /** The whole state, ordered by window and stratum. */
  public List<FeedbackCounts> counts() {
    List<FeedbackCounts> result = new ArrayList<>();
    windows.forEach(
        (window, cells) ->
            cells.forEach((stratum, cell) -> result.add(cell.counts(window, stratum))));
    return result;
  }

  private void startOver() {
    mixture.clear();
    Arrays.fill(settled, 0);
    open.clear();
    settledThrough = Long.MIN_VALUE;
    closedSinceStart = 0;
    closedBlocks = 0;
  }

  /** Closes every window but the newest, in order. */
  private void settle() {
    if (windows.isEmpty()) {
      return;
    }
    long newest = windows.lastKey();
    Map.Entry<Long, TreeMap<Stratum, Cell>> next =
        settledThrough == Long.MIN_VALUE
            ? windows.firstEntry()
            : windows.higherEntry(settledThrough);
    while (next != null && next.getKey() < newest) {
      next.getValue().forEach(this::close);
      if (closedSinceStart >= design.ratingsToRestart()) {
        mixture.restart(settled);
        closedSinceStart = 0;
      }
      settledThrough = next.getKey();
      next = windows.higherEntry(settledThrough);
    }
  }

  private void close(Stratum stratum, Cell cell) {
    Cell block = open.computeIfAbsent(stratum, s -> new Cell());
    block.add(cell);
    if (block.rated() < design.ratingsPerBlock()
        || block.candidateRated == 0
        || block.controlRated == 0) {
      return;
    }
    ConditionalTables.Block table =
        new ConditionalTables.Block(
            block.candidateBad, block.candidateRated, block.controlBad, block.controlRated);
    for (int k = 0; k < settled.length; k++) {
      settled[k] += ConditionalTables.logFactor(table, design.odds().get(k), design.nullOdds());
    }
    closedSinceStart += block.rated();
    closedBlocks++;
    open.remove(stratum);
  }
}
