package io.serin.statistics.sequential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
 * alone; order of arrival and replays cannot change a bit of it.
 *
 * <p>State is bounded: {@link #foldBefore} replaces the counts of old windows by the sums that the
 * value needs, bit for bit. A rating of a folded window counts in the first open one. Not
 * thread-safe. Source: Turner, Ly, Grünwald 2024 (safe tests for 2×2 contingency tables).
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

    Cell copy() {
      Cell copy = new Cell();
      copy.add(this);
      return copy;
    }

    void add(FeedbackCounts c) {
      candidateBad += c.candidateBad();
      candidateRated += c.candidateRated();
      controlBad += c.controlBad();
      controlRated += c.controlRated();
    }

    long rated() {
      return candidateRated + controlRated;
    }

    FeedbackCounts counts(long window, Stratum stratum) {
      return new FeedbackCounts(
          window, stratum, candidateBad, candidateRated, controlBad, controlRated);
    }
  }

  /** The settled state through a window; open blocks by stratum. */
  private record State(
      RestartMixture mixture,
      List<Double> settled,
      SortedMap<Stratum, Cell> open,
      long sinceStart,
      long blocks) {}

  private final FeedbackDesign design;
  private final FoldedWindows<Map<Stratum, Cell>, State> folding =
      new FoldedWindows<>(new Settling());
  private EventLabelProcess raters = new EventLabelProcess(EventLabelDesign.different());

  private final RestartMixture mixture;
  private final double[] settled;
  private final TreeMap<Stratum, Cell> open = new TreeMap<>();
  private long sinceStart;
  private long blocks;

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
    long window = folding.open(c.window());
    folding
        .windows()
        .computeIfAbsent(window, added -> new TreeMap<>())
        .computeIfAbsent(c.stratum(), added -> new Cell())
        .add(c);
    raters.add(window, c.stratum(), c.candidateRated(), c.controlRated());
    folding.changed(window);
  }

  /** The window in which a rating of this window counts: the first open one, or later. */
  public long open(long window) {
    return folding.open(window);
  }

  /**
   * Bounds the state: replaces the counts of windows up to some window before this one by the sums
   * that the value needs. The value stays as it is, bit for bit.
   *
   * @return the newest window that is folded, {@link Long#MIN_VALUE} if none is
   */
  public long foldBefore(long window) {
    // Both processes saw the same windows; they fold only where they can fold the same ones.
    if (Objects.equals(folding.foldable(window), raters.foldable(window))) {
      raters.foldBefore(window);
      folding.foldBefore(window);
    }
    return folding.foldedThrough();
  }

  /**
   * The folded state, empty if nothing is folded. With {@link #foldedBlocks} and the ratings of
   * folded windows it is given to {@link #of(FeedbackDesign, long[], List, List, Iterable)}.
   */
  public long[] folded() {
    State state = folding.folded();
    if (state == null) {
      return new long[0];
    }
    LongStates.Writer into = new LongStates.Writer();
    into.add(folding.foldedThrough());
    into.add(state.sinceStart);
    into.add(state.blocks);
    state.mixture.write(into);
    state.settled.forEach(into::add);
    for (long each : raters.folded()) {
      into.add(each);
    }
    return into.toLongs();
  }

  /** Ratings of folded windows in blocks that are not complete, ordered by stratum. */
  public List<FeedbackCounts> foldedBlocks() {
    State state = folding.folded();
    List<FeedbackCounts> result = new ArrayList<>();
    if (state != null) {
      state.open.forEach(
          (stratum, cell) -> result.add(cell.counts(folding.foldedThrough(), stratum)));
    }
    return result;
  }

  /**
   * The process that continues from a folded state.
   *
   * @param folded what {@link #folded} gave, of a process with the same design
   * @param blocks what {@link #foldedBlocks} gave
   * @param before all ratings of folded windows, by stratum
   * @param counts the counts of later windows
   */
  public static FeedbackProcess of(
      FeedbackDesign design,
      long[] folded,
      List<FeedbackCounts> blocks,
      List<FeedbackCounts> before,
      Iterable<FeedbackCounts> counts) {
    FeedbackProcess process = new FeedbackProcess(design);
    process.unfold(new LongStates.Reader(folded), blocks, before);
    counts.forEach(process::add);
    return process;
  }

  private void unfold(
      LongStates.Reader from, List<FeedbackCounts> blocksOf, List<FeedbackCounts> before) {
    long through = from.next();
    long since = from.next();
    long complete = from.next();
    RestartMixture state = mixture.copy();
    state.read(from);
    double[] sums = new double[settled.length];
    from.next(sums);
    raters =
        EventLabelProcess.of(
            EventLabelDesign.different(),
            null,
            from.rest(),
            before.stream()
                .map(
                    c ->
                        new EventCounts(through, c.stratum(), c.candidateRated(), c.controlRated()))
                .toList(),
            List.of());
    TreeMap<Stratum, Cell> cells = new TreeMap<>();
    blocksOf.forEach(c -> cells.computeIfAbsent(c.stratum(), added -> new Cell()).add(c));
    folding.unfold(
        through, new State(state, Arrays.stream(sums).boxed().toList(), cells, since, complete));
  }

  /** ln E that the candidate's ratings are worse, over the blocks that are complete. */
  public double logE() {
    folding.settle();
    return mixture.logE(settled);
  }

  /** What ln E is computed from now, as evidence for a verdict. */
  public MixtureState mixture() {
    folding.settle();
    return mixture.state(settled);
  }

  /** ln E that the arms do not rate equally often, over all ratings. */
  public double whoRatesLogE() {
    return raters.logE();
  }

  /** Blocks that have been bet on. */
  public long blocks() {
    folding.settle();
    return blocks;
  }

  /** The counts of windows that are not folded, ordered by window and stratum. */
  public List<FeedbackCounts> counts() {
    List<FeedbackCounts> result = new ArrayList<>();
    folding
        .windows()
        .forEach(
            (window, cells) ->
                cells.forEach((stratum, cell) -> result.add(cell.counts(window, stratum))));
    return result;
  }

  /** Bets on blocks as windows complete them. */
  private final class Settling implements FoldedWindows.Settled<Map<Stratum, Cell>, State> {
    @Override
    public void close(long window, Map<Stratum, Cell> cells) {
      cells.forEach(FeedbackProcess.this::close);
      if (sinceStart >= design.ratingsToRestart()) {
        mixture.restart(settled);
        sinceStart = 0;
      }
    }

    @Override
    public State copy() {
      TreeMap<Stratum, Cell> copies = new TreeMap<>();
      open.forEach((stratum, cell) -> copies.put(stratum, cell.copy()));
      return new State(
          mixture.copy(), Arrays.stream(settled).boxed().toList(), copies, sinceStart, blocks);
    }

    @Override
    public void become(@Nullable State state) {
      mixture.clear();
      Arrays.fill(settled, 0);
      open.clear();
      sinceStart = 0;
      blocks = 0;
      if (state != null) {
        mixture.become(state.mixture);
        for (int k = 0; k < settled.length; k++) {
          settled[k] = state.settled.get(k);
        }
        state.open.forEach((stratum, cell) -> open.put(stratum, cell.copy()));
        sinceStart = state.sinceStart;
        blocks = state.blocks;
      }
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
    sinceStart += block.rated();
    blocks++;
    open.remove(stratum);
  }
}
