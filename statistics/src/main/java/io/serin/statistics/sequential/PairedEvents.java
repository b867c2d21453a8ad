package io.serin.statistics.sequential;

/**
 * McNemar's test, sequentially: of the pairs in which exactly one side has the event (a refusal, an
 * empty answer, a broken format), as many should have it on the candidate's side as on the other.
 * It is {@link EventLabelProcess} with ρ = ½ and one pair a unit; concordant pairs tell nothing.
 * Guarantee: P(E ever ≥ 1/α) ≤ α. Captured requests must include those that failed: with served
 * successes alone an equal candidate looks worse.
 *
 * <p>Not thread-safe.
 */
public final class PairedEvents {
  private static final Stratum PAIRS = new Stratum("pairs", 0.5);

  private final EventLabelProcess process;
  private long both;
  private long neither;

  public PairedEvents(EventLabelDesign design) {
    this.process = new EventLabelProcess(design);
  }

  /** Counts the pair of a unit that has given none before. */
  public void add(long window, boolean candidate, boolean other) {
    if (candidate == other) {
      if (candidate) {
        both++;
      } else {
        neither++;
      }
    } else {
      process.add(window, PAIRS, candidate);
    }
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
}
