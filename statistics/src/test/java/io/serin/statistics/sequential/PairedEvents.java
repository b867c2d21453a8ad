package io.serin.statistics.sequential;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * McNemar's test, sequentially: of the pairs in which exactly one side has the event (a refusal, an
 * empty answer, a broken format), as many should have it on the candidate's side as on the other.
 * With a such pairs on the candidate's side and b on the other
 *
 * <pre>  E = mean over r of (θ_r/½)^a · ((1−θ_r)/½)^b,  θ_r = r/(1+r)</pre>
 *
 * <p>which is {@link EventLabelProcess} with ρ = ½ and one pair a unit, restarts included;
 * concordant pairs tell nothing. Guarantee: P(E ever ≥ 1/α) ≤ α where each unit gives one pair and
 * a pair's sides are exchangeable. Captured requests must include those that failed: with served
 * successes alone an equal candidate looks worse.
 *
 * <p>A function of counts; not thread-safe. Source: McNemar 1947, with the mixture of Lindon,
 * Sanden, Shirikian 2022.
 */
public final class PairedEvents {
  private static final Stratum PAIRS = new Stratum("pairs", 0.5);

  private final EventLabelProcess process;
  private final TreeMap<Long, long[]> windows = new TreeMap<>();
  private long both;
  private long neither;

  public PairedEvents(EventLabelDesign design) {
    this.process = new EventLabelProcess(design);
  }

  /** The test that has seen these counts, in whatever order they are given. */
  public static PairedEvents of(EventLabelDesign design, Iterable<PairedCounts> counts) {
    PairedEvents pairs = new PairedEvents(design);
    counts.forEach(pairs::add);
    return pairs;
  }

  /** Counts the pair of a unit that has given none before. */
  public void add(long window, boolean candidate, boolean other) {
    add(
        new PairedCounts(
            window,
            candidate && !other ? 1 : 0,
            other && !candidate ? 1 : 0,
            candidate && other ? 1 : 0,
            candidate || other ? 0 : 1));
  }

  public void add(PairedCounts c) {
    long[] row = windows.computeIfAbsent(c.window(), w -> new long[4]);
    row[0] += c.candidateOnly();
    row[1] += c.otherOnly();
    row[2] += c.both();
    row[3] += c.neither();
    both += c.both();
    neither += c.neither();
    if (c.candidateOnly() + c.otherOnly() > 0) {
      process.add(c.window(), PAIRS, c.candidateOnly(), c.otherOnly());
    }
  }

  /** A new test with the pairs of both; both must have the same design. */
  public PairedEvents merge(PairedEvents other) {
    if (!process.design().equals(other.process.design())) {
      throw new IllegalArgumentException("design: only tests of one design merge");
    }
    PairedEvents merged = of(process.design(), counts());
    other.counts().forEach(merged::add);
    return merged;
  }

  /** ln E now. */
  public double logE() {
    return process.logE();
  }

  /** Pairs in which only the candidate had the event. */
  public long candidateOnly() {
    return process.candidateEvents();
  }

  /** Pairs in which only the other side had it. */
  public long otherOnly() {
    return process.controlEvents();
  }

  public long pairs() {
    return both + neither + candidateOnly() + otherOnly();
  }

  /** Share of pairs in which the sides differ: with control sampled twice, the noise floor. */
  public double discordance() {
    return pairs() == 0 ? 0 : (double) (candidateOnly() + otherOnly()) / pairs();
  }

  /** The whole state, ordered by window. */
  public List<PairedCounts> counts() {
    List<PairedCounts> result = new ArrayList<>();
    windows.forEach(
        (window, row) -> result.add(new PairedCounts(window, row[0], row[1], row[2], row[3])));
    return result;
  }
}
