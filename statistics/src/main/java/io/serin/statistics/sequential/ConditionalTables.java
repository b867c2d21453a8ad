package io.serin.statistics.sequential;

import io.serin.statistics.Logs;
import java.util.ArrayList;
import java.util.List;

/**
 * A 2×2 block e-process: in each block (a window, or the ratings of one stage) the events of both
 * arms given their total, against an odds ratio of 1. Conditioning on who was counted makes it
 * exact whatever the event rate does, and for feedback: whoever rates, the rating is compared among
 * those who rated.
 *
 * <pre>  E = mean over odds o of Π_blocks P(a | margins, o) / P(a | margins, 1)</pre>
 *
 * <p>Each block is bet on once, when it is complete: blocks must not be chosen by their outcome.
 * Guarantee: P(E ever ≥ 1/α) ≤ α. Not thread-safe. Source: Turner, Ly, Grünwald 2024, with Fisher's
 * noncentral hypergeometric.
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

  private final double[] odds;
  private final double nullOdds;
  private final double[] logs;
  private final List<Block> blocks = new ArrayList<>();

  /**
   * @param odds odds ratios of the candidate's events that are bet on, equally weighted
   * @param nullOdds the odds ratio that is still allowed, usually 1
   */
  public ConditionalTables(double[] odds, double nullOdds) {
    if (odds.length == 0) {
      throw new IllegalArgumentException("odds: at least one is required");
    }
    this.odds = odds.clone();
    this.nullOdds = nullOdds;
    this.logs = new double[odds.length];
  }

  /** For an event that the candidate should not have more often: odds 1.15 … 8. */
  public static ConditionalTables moreOften() {
    return new ConditionalTables(EventLabelDesign.logSpaced(1.15, 8, 10), 1);
  }

  /** For an event that the candidate should not have less often, as a good rating: 1/8 … 1/1.15. */
  public static ConditionalTables lessOften() {
    return new ConditionalTables(EventLabelDesign.logSpaced(1 / 8.0, 1 / 1.15, 10), 1);
  }

  /** The tables that have seen these blocks. */
  public static ConditionalTables of(double[] odds, double nullOdds, Iterable<Block> blocks) {
    ConditionalTables tables = new ConditionalTables(odds, nullOdds);
    blocks.forEach(tables::add);
    return tables;
  }

  /** Bets on one complete block. */
  public void add(Block block) {
    blocks.add(block);
    for (int k = 0; k < odds.length; k++) {
      logs[k] += logFactor(block, odds[k], nullOdds);
    }
  }

  /** ln E now. */
  public double logE() {
    return Logs.mean(logs);
  }

  /** The whole state, in the order added; ln E does not depend on it beyond rounding. */
  public List<Block> blocks() {
    return List.copyOf(blocks);
  }

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
}
