package io.serin.statistics.sequential;

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
}
