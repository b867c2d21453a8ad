package io.serin.statistics.sequential;

import io.serin.statistics.sequential.ExceedanceBets.Bet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A bet with both outcomes on "the candidate is more than m times as slow" (or uses m times the
 * tokens, or fails more often where failures are common), that may be read after every observation.
 *
 * <p>Each unit gives one fixed request of a stage: Y = 1 where its value, divided by m for the
 * candidate, exceeds a threshold c_q read from control beforehand. With p̄ the pooled exceedance
 * rate of the latest closed windows, p₁ and p₀ such that odds(p₁) = o·odds(p₀) and ρp₁+(1−ρ)p₀ =
 * p̄, an observation of arm A multiplies the wealth of component o by p_A/p̄ where Y = 1 and by
 * (1−p_A)/(1−p̄) where Y = 0; the wealths are averaged over o.
 *
 * <p>Guarantee: given Y, the label is a coin of known probability ρ unless the arms differ; so the
 * factor's mean is at most 1 whatever p̄ is, and P(E ever ≥ 1/α) ≤ α. That p̄ follows the load
 * makes it hard to fool as well where ρ is not what it should be: where a share of the candidate's
 * units goes missing, the mean factor stays 1 as long as p̄ is the true pooled rate. (Setting p₀ to
 * the pooled rate, and p̄ above it, would not have this property.) A broken split is tested apart
 * ({@link SampleRatio}).
 *
 * <p>Counts are kept for each version of the threshold; until a version has a history, nothing is
 * bet on it. The value is a function of integer counts alone, summed in a fixed order.
 *
 * <p>State is bounded: {@link #foldBefore} replaces the counts of old windows by the sums that the
 * value needs, bit for bit, and the histories of the newest {@value #VERSIONS} versions are kept.
 * Where observations near in time depend on each other, {@link Evidence} says how they count. An
 * observation of a folded window counts in the first open one. Not thread-safe. Source: Podkopaev,
 * Ramdas 2023 (two-sample tests by betting), with the label as the coin.
 */
public final class ExceedanceProcess {
  /** Versions of the threshold whose histories are kept; older ones have left traffic. */
  private static final int VERSIONS = 16;

  /** The settled state through a window. */
  private record State(
      RestartMixture mixture,
      List<Double> settled,
      SortedMap<Integer, ExceedanceHistory> histories,
      long sinceStart,
      @Nullable BlockWealth blocks,
      @Nullable GrossWealth gross) {}

  private record Cell(int version, Stratum stratum) implements Comparable<Cell> {
    @Override
    public int compareTo(Cell other) {
      int byVersion = Integer.compare(version, other.version);
      return byVersion != 0 ? byVersion : stratum.compareTo(other.stratum);
    }
  }

  /** Observations that the expected rate counts as, before there is a history. */
  private static final double EXPECTED = 20;

  private final ExceedanceDesign design;
  private final Evidence evidence;
  private final @Nullable BlockWealth blocks;
  private final @Nullable GrossWealth gross;
  private final double[] grid;
  private final FoldedWindows<Map<Cell, long[]>, State> folding =
      new FoldedWindows<>(new Settling());

  private final RestartMixture mixture;
  private final double[] settled;
  private final double[] likelihoods;
  private final TreeMap<Integer, ExceedanceHistory> histories = new TreeMap<>();
  private long sinceStart;

  /** Bets of the newest window, in the order of cells; empty until they are needed. */
  private final List<Bet> bets = new ArrayList<>();

  private boolean betsKnown;

  public ExceedanceProcess(ExceedanceDesign design) {
    this(design, Evidence.units());
  }

  public ExceedanceProcess(ExceedanceDesign design, Evidence evidence) {
    this.design = design;
    this.evidence = evidence;
    this.grid = design.grid();
    this.mixture = new RestartMixture(grid.length, design.firstWeight());
    this.settled = new double[grid.length];
    this.likelihoods = new double[grid.length];
    this.blocks =
        evidence instanceof Evidence.Blocks of
            ? new BlockWealth(of.windows(), grid.length, design.firstWeight())
            : null;
    this.gross = evidence instanceof Evidence.Gross of ? new GrossWealth(of.usual()) : null;
  }

  /** The process that has seen these counts, in whatever order they are given. */
  public static ExceedanceProcess of(ExceedanceDesign design, Iterable<ExceedanceCounts> counts) {
    return of(design, Evidence.units(), counts);
  }

  /** The same, by another kind of evidence. */
  public static ExceedanceProcess of(
      ExceedanceDesign design, Evidence evidence, Iterable<ExceedanceCounts> counts) {
    ExceedanceProcess process = new ExceedanceProcess(design, evidence);
    counts.forEach(process::add);
    return process;
  }

  /**
   * The process that goes on from a folded state.
   *
   * @param folded what {@link #folded} gave, of a process with the same design and evidence
   * @param counts the counts of later windows
   */
  public static ExceedanceProcess of(
      ExceedanceDesign design,
      Evidence evidence,
      long[] folded,
      Iterable<ExceedanceCounts> counts) {
    ExceedanceProcess process = new ExceedanceProcess(design, evidence);
    process.unfold(new LongStates.Reader(folded));
    counts.forEach(process::add);
    return process;
  }

  /** The window in which an observation of this window counts: the first open one, or later. */
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
    return folding.foldBefore(window);
  }

  /** The folded state, to continue from. */
  public long[] folded() {
    State state = folding.folded();
    if (state == null) {
      return new long[0];
    }
    LongStates.Writer into = new LongStates.Writer();
    into.add(folding.foldedThrough());
    into.add(state.sinceStart);
    state.mixture.write(into);
    state.settled.forEach(into::add);
    into.add(state.histories.size());
    state.histories.forEach(
        (version, history) -> {
          into.add(version);
          history.write(into);
        });
    if (state.blocks != null) {
      state.blocks.write(into);
    }
    if (state.gross != null) {
      state.gross.write(into);
    }
    return into.toLongs();
  }

  private void unfold(LongStates.Reader from) {
    long through = from.next();
    long since = from.next();
    RestartMixture state = mixture.copy();
    state.read(from);
    double[] sums = new double[settled.length];
    from.next(sums);
    TreeMap<Integer, ExceedanceHistory> known = new TreeMap<>();
    for (long n = from.next(); n > 0; n--) {
      known.put((int) from.next(), ExceedanceHistory.read(from));
    }
    BlockWealth ofBlocks = blocks == null ? null : blocks.copy();
    GrossWealth ofGross = gross == null ? null : gross.copy();
    if (ofBlocks != null) {
      ofBlocks.read(from);
    }
    if (ofGross != null) {
      ofGross.read(from);
    }
    folding.unfold(
        through,
        new State(state, Arrays.stream(sums).boxed().toList(), known, since, ofBlocks, ofGross));
  }

  public ExceedanceDesign design() {
    return design;
  }

  /**
   * Counts one unit's observation.
   *
   * @param above whether the value, divided by the margin for the candidate, exceeds the threshold;
   *     a failed or timed out attempt is above every threshold
   */
  public void add(long window, int version, Stratum stratum, boolean candidate, boolean above) {
    cell(window, version, stratum)[(candidate ? 0 : 2) + (above ? 0 : 1)]++;
  }

  public void add(ExceedanceCounts c) {
    long[] cell = cell(c.window(), c.version(), c.stratum());
    cell[0] += c.candidateAbove();
    cell[1] += c.candidateBelow();
    cell[2] += c.controlAbove();
    cell[3] += c.controlBelow();
  }

  /** ln E now. The guard fires at ln E ≥ ln(1/α). */
  public double logE() {
    bet();
    if (blocks != null) {
      return blocks.logE();
    }
    if (gross != null) {
      return gross.logE(ExceedanceBets.sums(bets), ExceedanceBets.apart(bets));
    }
    return mixture.logE(likelihoods);
  }

  /** What ln E is computed from now, as evidence for a verdict. */
  public MixtureState mixture() {
    bet();
    if (blocks != null) {
      return blocks.state();
    }
    if (gross != null) {
      return gross.state(ExceedanceBets.sums(bets), ExceedanceBets.apart(bets));
    }
    return mixture.state(likelihoods);
  }

  private void bet() {
    folding.settle();
    if (!betsKnown) {
      bets.clear();
      Map<Cell, long[]> cells = folding.windows().get(folding.newest());
      bets.addAll(bets(cells == null ? Map.of() : cells));
      betsKnown = true;
    }
    System.arraycopy(settled, 0, likelihoods, 0, settled.length);
    bets.forEach(bet -> bet.addTo(likelihoods));
  }

  /** The counts that something is bet on, in the order of cells. */
  private List<Bet> bets(Map<Cell, long[]> cells) {
    List<Bet> placed = new ArrayList<>();
    cells.forEach(
        (cell, c) -> {
          double[][] factors = factors(cell);
          if (factors.length > 0) {
            placed.add(new Bet(cell.stratum.probability(), c, factors));
          }
        });
    return placed;
  }

  /** The counts of windows that are not folded, ordered by window, version and stratum. */
  public List<ExceedanceCounts> counts() {
    List<ExceedanceCounts> result = new ArrayList<>();
    folding
        .windows()
        .forEach(
            (window, cells) ->
                cells.forEach(
                    (cell, c) ->
                        result.add(
                            new ExceedanceCounts(
                                window, cell.version, cell.stratum, c[0], c[1], c[2], c[3]))));
    return result;
  }

  private long[] cell(long asked, int version, Stratum stratum) {
    long window = folding.open(asked);
    folding.changed(window);
    if (window > folding.newest()) {
      betsKnown = false;
    }
    Map<Cell, long[]> cells = folding.windows().computeIfAbsent(window, added -> new TreeMap<>());
    Cell key = new Cell(version, stratum);
    long[] counts = cells.get(key);
    if (counts == null) {
      counts = new long[4];
      cells.put(key, counts);
      betsKnown = false;
    }
    return counts;
  }

  private static SortedMap<Integer, ExceedanceHistory> copy(
      SortedMap<Integer, ExceedanceHistory> histories) {
    SortedMap<Integer, ExceedanceHistory> copies = new TreeMap<>();
    histories.forEach((version, history) -> copies.put(version, history.copy()));
    return copies;
  }

  /** Brings wealth and histories up to date with each window. */
  private final class Settling implements FoldedWindows.Settled<Map<Cell, long[]>, State> {
    @Override
    public void close(long window, Map<Cell, long[]> cells) {
      List<Bet> placed = bets(cells);
      if (blocks != null) {
        blocks.enter(window);
        placed.forEach(bet -> bet.addTo(blocks));
      } else if (gross != null) {
        gross.close(window, ExceedanceBets.sums(placed), ExceedanceBets.apart(placed));
      } else {
        placed.forEach(bet -> bet.addTo(settled));
      }
      TreeMap<Integer, long[]> byVersion = new TreeMap<>();
      cells.forEach(
          (cell, c) -> {
            long[] sums = byVersion.computeIfAbsent(cell.version, v -> new long[2]);
            sums[0] += c[0] + c[2];
            sums[1] += c[0] + c[1] + c[2] + c[3];
          });
      byVersion.forEach(
          (version, sums) -> {
            sinceStart += sums[1];
            histories
                .computeIfAbsent(version, v -> new ExceedanceHistory())
                .add(sums[0], sums[1], design.history());
          });
      while (histories.size() > VERSIONS) {
        histories.pollFirstEntry();
      }
      if (sinceStart >= design.observationsToRestart()) {
        mixture.restart(settled);
        sinceStart = 0;
      }
    }

    @Override
    public State copy() {
      return new State(
          mixture.copy(),
          Arrays.stream(settled).boxed().toList(),
          ExceedanceProcess.copy(histories),
          sinceStart,
          blocks == null ? null : blocks.copy(),
          gross == null ? null : gross.copy());
    }

    @Override
    public void become(@Nullable State state) {
      mixture.clear();
      Arrays.fill(settled, 0);
      histories.clear();
      sinceStart = 0;
      betsKnown = false;
      if (blocks != null) {
        blocks.clear();
      }
      if (gross != null) {
        gross.clear();
      }
      if (state != null) {
        if (blocks != null && state.blocks != null) {
          blocks.become(state.blocks);
        }
        if (gross != null && state.gross != null) {
          gross.become(state.gross);
        }
        mixture.become(state.mixture);
        for (int k = 0; k < settled.length; k++) {
          settled[k] = state.settled.get(k);
        }
        histories.putAll(ExceedanceProcess.copy(state.histories));
        sinceStart = state.sinceStart;
      }
    }
  }

  /**
   * Log factors of the four outcomes by component; empty where the version has too little history
   * to bet on.
   */
  private double[][] factors(Cell cell) {
    ExceedanceHistory history = histories.get(cell.version);
    double expected = evidence.prior();
    if (Double.isNaN(expected)) {
      return history == null || history.size() < design.minimumHistory()
          ? new double[0][]
          : ExceedanceBets.factors(grid, history.rate(), cell.stratum.probability());
    }
    double rate = history == null ? expected : history.rate(expected, EXPECTED);
    return ExceedanceBets.factors(grid, rate, cell.stratum.probability());
  }
}
