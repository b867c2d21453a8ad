package io.serin.statistics.sequential;

import io.serin.statistics.Logs;
import org.apache.commons.numbers.gamma.LogGamma;

/**
 * The e-value of a 2×2 block (the ratings of one stage, say): the events of both arms given their
 * total, against an odds ratio. Conditioning on who was counted makes it exact whatever the event
 * rate is; for feedback, the rating is compared among those who rated.
 *
 * <p>Each block is bet on once, when it is complete: blocks must not be chosen by their outcome.
 * Source: Turner, Ly, Grünwald 2024, with Fisher's noncentral hypergeometric.
 */
public final class ConditionalTables {
  /** Events among the units of both arms in one block. */
  public record Block(
      long candidateEvents, long candidateUnits, long controlEvents, long controlUnits) {
    public Block {
      if (!(candidateEvents >= 0
          && candidateEvents <= candidateUnits
          && controlEvents >= 0
          && controlEvents <= controlUnits)) {
        throw new IllegalArgumentException(
            "block: 0 <= events <= units is required, not "
                + candidateEvents
                + "/"
                + candidateUnits
                + " and "
                + controlEvents
                + "/"
                + controlUnits);
      }
    }
  }

  private ConditionalTables() {}

  /** ln of one block's e-value for one alternative. */
  public static double logFactor(Block block, double odds, double nullOdds) {
    long total = block.candidateEvents() + block.controlEvents();
    NoncentralHypergeometric alternative =
        new NoncentralHypergeometric(block.candidateUnits(), block.controlUnits(), total, odds);
    NoncentralHypergeometric nothing =
        new NoncentralHypergeometric(block.candidateUnits(), block.controlUnits(), total, nullOdds);
    return alternative.logProbability(block.candidateEvents())
        - nothing.logProbability(block.candidateEvents());
  }

  /**
   * Fisher's noncentral hypergeometric distribution: how many of {@code total} events fall on the
   * first group, given an odds ratio. It is what remains of a 2×2 table when all its margins are
   * known, and so depends on nothing else.
   *
   * @param first size of the first group
   * @param second size of the second group
   * @param total events in both
   * @param odds odds ratio of the first group over the second, > 0
   */
  public record NoncentralHypergeometric(long first, long second, long total, double odds) {
    public NoncentralHypergeometric {
      if (!(first >= 0 && second >= 0 && total >= 0 && total <= first + second)) {
        throw new IllegalArgumentException(
            "total: 0 <= total <= first + second is required, not "
                + total
                + " of "
                + first
                + " + "
                + second);
      }
      if (!(odds > 0 && odds < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("odds: must be positive and finite, not " + odds);
      }
    }

    /** Fewest events the first group can have. */
    public long smallest() {
      return Math.max(0, total - second);
    }

    /** Most events the first group can have. */
    public long largest() {
      return Math.min(first, total);
    }

    /** P(X = x). */
    public double probability(long x) {
      return StrictMath.exp(logProbability(x));
    }

    /** ln P(X = x); −∞ outside the support. The normaliser is summed over the support. */
    public double logProbability(long x) {
      return x < smallest() || x > largest()
          ? Double.NEGATIVE_INFINITY
          : logWeight(x) - Logs.sum(logWeights());
    }

    /** All probabilities, from {@link #smallest()} to {@link #largest()}. */
    public double[] probabilities() {
      double[] result = logWeights();
      double normaliser = Logs.sum(result);
      for (int i = 0; i < result.length; i++) {
        result[i] = StrictMath.exp(result[i] - normaliser);
      }
      return result;
    }

    private double[] logWeights() {
      double[] weights = new double[(int) (largest() - smallest()) + 1];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = logWeight(smallest() + i);
      }
      return weights;
    }

    private double logWeight(long x) {
      return logChoose(first, x) + logChoose(second, total - x) + x * StrictMath.log(odds);
    }

    private static double logChoose(long n, long k) {
      return LogGamma.value(n + 1.0) - LogGamma.value(k + 1.0) - LogGamma.value(n - k + 1.0);
    }
  }
}
