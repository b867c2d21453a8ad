package io.serin.statistics.sequential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The event-label e-process: a rollback guard on rare events that may be read after every event.
 *
 * <p>Each unit gives its first bad event of a stage. If the candidate is at most m times as bad as
 * control, an event carries the candidate's label with probability at most θ₀ = ρm/(ρm+1−ρ); if it
 * is m·s times as bad, with θ_s = ρms/(ρms+1−ρ). With a candidate and b control events in a stratum
 *
 * <pre>
 *   E = Σ_j w_j · mean over s of Π_strata (θ_s/θ₀)^a · ((1−θ_s)/(1−θ₀))^b   (a, b since start j)
 * </pre>
 *
 * <p>Guarantee: P(E ever ≥ 1/α) ≤ α (Ville), where units are independent, assignment is a hash of a
 * salt new for each run and ρ is known before the event. A drift of the overall event rate cancels,
 * since only the label is random. Not covered: arms that disturb each other (a shared rate limit),
 * one person behind many units.
 *
 * <p>Late regressions: after each window with which the events since the last start reach {@link
 * EventLabelDesign#eventsToRestart}, another process begins; their weights sum to 1.
 *
 * <p>The value is a function of integer counts alone, summed in a fixed order: order of arrival,
 * merging, restarts and replays cannot change a bit of it. Where events arrive in the order of
 * their windows the guarantee is exact; a late event that moves an earlier start may not be
 * foreseen by it, and is covered by simulation only.
 *
 * <p>Where events near in time depend on each other, {@link Evidence.Blocks} counts them by block.
 *
 * <p>State is bounded: {@link #foldBefore} replaces the counts of old windows by the sums that the
 * value needs, bit for bit. An event of a folded window counts in the first open one.
 *
 * <p>Not thread-safe. Source: Lindon, Sanden, Shirikian 2022 (rapid regression detection), and for
 * the mixture of starts Shin, Ramdas, Rinaldo 2023 (e-detectors).
 */
public final class EventLabelProcess {
  /** The settled state through a window. */
  private record Starts(
      RestartMixture mixture, List<Long> settled, long sinceStart, @Nullable BlockWealth blocks) {}

  private final EventLabelDesign design;
  private final @Nullable BlockWealth blocks;
  private final double[] logRatios;
  private final Map<Stratum, Integer> ids = new HashMap<>();
  private final List<Stratum> strata = new ArrayList<>();

  /** Sorted position → id: sums run in the order of strata, not of their arrival. */
  private int[] order = new int[0];

  /** By id and component: ln((1+o·s)/(1+o)), the cost of one event of either label. */
  private double[][] costs = new double[0][];

  private final FoldedWindows<long[], Starts> folding = new FoldedWindows<>(new Settling());
  private long[] totals = new long[0];

  /** Row of the newest window, which most events fall into. */
  private long newestWindow = Long.MIN_VALUE;

  private long[] newestRow = new long[0];

  private final RestartMixture mixture;
  private long[] settled = new long[0];
  private long sinceStart;
  private final double[] likelihoods;

  public EventLabelProcess(EventLabelDesign design) {
    this(design, null);
  }

  /**
   * @param of whose blocks bound what events near in time count; null where units are independent
   */
  public EventLabelProcess(EventLabelDesign design, Evidence.@Nullable Blocks of) {
    this.design = design;
    double[] grid = design.grid();
    blocks = of == null ? null : new BlockWealth(of.windows(), grid.length, design.firstWeight());
    logRatios = new double[grid.length];
    for (int k = 0; k < grid.length; k++) {
      logRatios[k] = StrictMath.log(grid[k]);
    }
    mixture = new RestartMixture(grid.length, design.firstWeight());
    likelihoods = new double[grid.length];
  }

  /** The process that has seen these counts, in whatever order they are given. */
  public static EventLabelProcess of(EventLabelDesign design, Iterable<EventCounts> counts) {
    return of(design, null, counts);
  }

  /** The same, by blocks. */
  public static EventLabelProcess of(
      EventLabelDesign design, Evidence.@Nullable Blocks blocks, Iterable<EventCounts> counts) {
    EventLabelProcess process = new EventLabelProcess(design, blocks);
    counts.forEach(process::add);
    return process;
  }

  /** What it bets on. */
  public EventLabelDesign design() {
    return design;
  }

  /** Counts one event. */
  public void add(long window, Stratum stratum, boolean candidate) {
    add(window, stratum, candidate ? 1 : 0, candidate ? 0 : 1);
  }

  /** Counts several events at once. */
  public void add(long window, Stratum stratum, long candidate, long control) {
    int at = 2 * id(stratum);
    long[] row = row(window);
    row[at] += candidate;
    row[at + 1] += control;
    totals[at] += candidate;
    totals[at + 1] += control;
    folding.changed(folding.open(window));
  }

  private void add(EventCounts c) {
    add(c.window(), c.stratum(), c.candidate(), c.control());
  }

  /** ln E now. The guard fires at ln E ≥ ln(1/α). */
  public double logE() {
    folding.settle();
    if (blocks != null) {
      return blocks.logE();
    }
    likelihoods(totals, likelihoods);
    return mixture.logE(likelihoods);
  }

  /** What ln E is computed from now, as evidence for a verdict. */
  public MixtureState mixture() {
    folding.settle();
    if (blocks != null) {
      return blocks.state();
    }
    likelihoods(totals, likelihoods);
    return mixture.state(likelihoods);
  }

  public long candidateEvents() {
    return sum(0);
  }

  public long controlEvents() {
    return sum(1);
  }

  /** The counts of windows that are not folded, ordered by window and stratum. */
  public List<EventCounts> counts() {
    List<EventCounts> result = new ArrayList<>();
    folding
        .windows()
        .forEach(
            (window, row) -> {
              for (int id : order) {
                if (2 * id + 1 < row.length && (row[2 * id] | row[2 * id + 1]) != 0) {
                  result.add(new EventCounts(window, strata.get(id), row[2 * id], row[2 * id + 1]));
                }
              }
            });
    return result;
  }

  /** Totals of each stratum, as evidence for a verdict; the window is that of the last event. */
  public List<EventCounts> totals() {
    List<EventCounts> result = new ArrayList<>();
    for (int id : order) {
      result.add(
          new EventCounts(folding.newest(), strata.get(id), totals[2 * id], totals[2 * id + 1]));
    }
    return result;
  }

  /** The window in which an event of this window counts: the first open one, or later. */
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

  /** The newest window before this one that can be folded; null if none can. */
  @Nullable Long foldable(long window) {
    return folding.foldable(window);
  }

  /** The folded starts, to continue from. */
  public long[] folded() {
    Starts state = folding.folded();
    if (state == null) {
      return new long[0];
    }
    LongStates.Writer into = new LongStates.Writer();
    into.add(folding.foldedThrough());
    into.add(state.sinceStart);
    state.mixture.write(into);
    if (state.blocks != null) {
      state.blocks.write(into);
    }
    return into.toLongs();
  }

  /** The events of folded windows, ordered by stratum. */
  public List<EventCounts> foldedCounts() {
    List<EventCounts> result = new ArrayList<>();
    Starts folded = folding.folded();
    List<Long> sums = folded == null ? List.of() : folded.settled;
    for (int id : order) {
      if (2 * id + 1 < sums.size() && (sums.get(2 * id) | sums.get(2 * id + 1)) != 0) {
        result.add(
            new EventCounts(
                folding.foldedThrough(), strata.get(id), sums.get(2 * id), sums.get(2 * id + 1)));
      }
    }
    return result;
  }

  /**
   * The process that goes on from a folded state.
   *
   * @param folded what {@link #folded} gave, of a process with the same design
   * @param before what {@link #foldedCounts} gave
   * @param counts the counts of later windows
   */
  public static EventLabelProcess of(
      EventLabelDesign design,
      Evidence.@Nullable Blocks blocks,
      long[] folded,
      List<EventCounts> before,
      Iterable<EventCounts> counts) {
    EventLabelProcess process = new EventLabelProcess(design, blocks);
    process.unfold(new LongStates.Reader(folded), before);
    counts.forEach(process::add);
    return process;
  }

  private void unfold(LongStates.Reader from, List<EventCounts> before) {
    long through = from.next();
    long since = from.next();
    RestartMixture state = mixture.copy();
    state.read(from);
    for (EventCounts each : before) {
      int at = 2 * id(each.stratum());
      totals[at] += each.candidate();
      totals[at + 1] += each.control();
    }
    BlockWealth ofBlocks = blocks == null ? null : blocks.copy();
    if (ofBlocks != null) {
      ofBlocks.read(from);
    }
    folding.unfold(
        through, new Starts(state, Arrays.stream(totals).boxed().toList(), since, ofBlocks));
  }

  private long sum(int label) {
    long sum = 0;
    for (int i = label; i < totals.length; i += 2) {
      sum += totals[i];
    }
    return sum;
  }

  /** Brings the starts up to date with each window. */
  private final class Settling implements FoldedWindows.Settled<long[], Starts> {
    @Override
    public void close(long window, long[] row) {
      if (blocks != null) {
        blocks.enter(window);
        addTo(blocks, row);
      }
      for (int i = 0; i < row.length; i++) {
        settled[i] += row[i];
        sinceStart += row[i];
      }
      if (sinceStart >= design.eventsToRestart()) {
        likelihoods(settled, likelihoods);
        mixture.restart(likelihoods);
        sinceStart = 0;
      }
    }

    @Override
    public Starts copy() {
      return new Starts(
          mixture.copy(),
          Arrays.stream(settled).boxed().toList(),
          sinceStart,
          blocks == null ? null : blocks.copy());
    }

    @Override
    public void become(@Nullable Starts state) {
      mixture.clear();
      settled = new long[totals.length];
      sinceStart = 0;
      if (blocks != null) {
        blocks.clear();
        if (state != null && state.blocks != null) {
          blocks.become(state.blocks);
        }
      }
      if (state != null) {
        mixture.become(state.mixture);
        for (int i = 0; i < state.settled.size(); i++) {
          settled[i] = state.settled.get(i);
        }
        sinceStart = state.sinceStart;
      }
    }
  }

  private void addTo(BlockWealth into, long[] row) {
    for (int id : order) {
      if (2 * id + 1 < row.length && (row[2 * id] | row[2 * id + 1]) != 0) {
        double[][] gains = design.gains(strata.get(id));
        into.add(row[2 * id], gains[0]);
        into.add(row[2 * id + 1], gains[1]);
        double odds = strata.get(id).nullOdds();
        into.vary(row[2 * id] + row[2 * id + 1], odds / (1 + odds), gains[0], gains[1]);
      }
    }
  }

  /** L_k = a·ln s_k − Σ n·ln((1+o·s_k)/(1+o)). */
  private void likelihoods(long[] counts, double[] result) {
    Arrays.fill(result, 0);
    long candidate = 0;
    for (int id : order) {
      long a = counts[2 * id];
      double n = a + counts[2 * id + 1];
      candidate += a;
      double[] cost = costs[id];
      for (int k = 0; k < result.length; k++) {
        result[k] -= n * cost[k];
      }
    }
    for (int k = 0; k < result.length; k++) {
      result[k] += candidate * logRatios[k];
    }
  }

  private int id(Stratum stratum) {
    Integer known = ids.get(stratum);
    return known == null ? register(stratum) : known;
  }

  private int register(Stratum stratum) {
    int id = strata.size();
    ids.put(stratum, id);
    strata.add(stratum);
    order = new int[id + 1];
    List<Stratum> sorted = strata.stream().sorted().toList();
    for (int i = 0; i <= id; i++) {
      order[i] = ids.getOrDefault(sorted.get(i), 0);
    }
    totals = Arrays.copyOf(totals, 2 * id + 2);
    settled = Arrays.copyOf(settled, 2 * id + 2);
    costs = Arrays.copyOf(costs, id + 1);
    costs[id] = design.cost(stratum);
    return id;
  }

  private long[] row(long window) {
    long key = folding.open(window);
    if (key == newestWindow && newestRow.length == totals.length) {
      return newestRow;
    }
    long[] row = folding.windows().get(key);
    if (row == null || row.length < totals.length) {
      row = Arrays.copyOf(row == null ? new long[0] : row, totals.length);
      folding.windows().put(key, row);
    }
    if (key >= newestWindow) {
      newestWindow = key;
      newestRow = row;
    }
    return row;
  }
}
