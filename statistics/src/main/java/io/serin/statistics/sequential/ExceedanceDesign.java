package io.serin.statistics.sequential;

/**
 * What an {@link ExceedanceProcess} bets on; fixed before the first observation.
 *
 * @param lowestOdds smallest odds ratio over control's exceedance, > 1
 * @param highestOdds largest odds ratio, ≥ lowestOdds
 * @param odds how many, log-spaced, equally weighted, ≥ 1
 * @param lower true bets that the candidate exceeds <em>less</em> often (promotion): the inverse
 *     odds
 * @param history p̄ is the pooled rate of the latest closed windows that together hold at least
 *     this many observations
 * @param minimumHistory no bet is made before this many observations of a threshold version are in
 *     closed windows, ≥ 1
 * @param observationsToRestart a new process begins after the first window that closes with this
 *     many new observations
 * @param firstWeight share of the process that never restarts, in (0, 1]; 1 is without restarts
 */
public record ExceedanceDesign(
    double lowestOdds,
    double highestOdds,
    int odds,
    boolean lower,
    int history,
    int minimumHistory,
    int observationsToRestart,
    double firstWeight) {
  public ExceedanceDesign {
    if (!(lowestOdds > 1 && highestOdds >= lowestOdds && highestOdds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "odds: 1 < lowest <= highest is required, not " + lowestOdds + " and " + highestOdds);
    }
    if (odds < 1 || minimumHistory < 1 || history < minimumHistory || observationsToRestart < 1) {
      throw new IllegalArgumentException(
          "odds, minimumHistory, observationsToRestart: at least 1; history: at least"
              + " minimumHistory; not "
              + odds
              + ", "
              + minimumHistory
              + ", "
              + observationsToRestart
              + "; "
              + history);
    }
    if (!(firstWeight > 0 && firstWeight <= 1)) {
      throw new IllegalArgumentException("firstWeight: must lie in (0, 1], not " + firstWeight);
    }
  }

  /** Rollback guards: the candidate exceeds more often; odds 1.1 … 8. */
  public static ExceedanceDesign slower() {
    return new ExceedanceDesign(1.1, 8, 10, false, 500, 50, 500, 0.8);
  }

  /**
   * The promotion gate: the candidate, rescaled by the margin, exceeds less often; odds 1/1.1 …
   * 1/8.
   */
  public static ExceedanceDesign notSlower() {
    return new ExceedanceDesign(1.1, 8, 10, true, 500, 50, 500, 1);
  }

  /**
   * The candidate has the outcome less often, with restarts: the other side of {@link #slower}. For
   * "different" run both and average them, ln((e^a+e^b)/2) by {@link
   * io.serin.statistics.Logs#mean}: the mean of two e-processes is one.
   */
  public static ExceedanceDesign lessOften() {
    return new ExceedanceDesign(1.1, 8, 10, true, 500, 50, 500, 0.8);
  }

  public ExceedanceDesign withRestarts(int observations, double weightOfFirst) {
    return new ExceedanceDesign(
        lowestOdds, highestOdds, odds, lower, history, minimumHistory, observations, weightOfFirst);
  }

  public ExceedanceDesign withoutRestarts() {
    return withRestarts(observationsToRestart, 1);
  }

  public ExceedanceDesign withHistory(int observations, int minimum) {
    return new ExceedanceDesign(
        lowestOdds,
        highestOdds,
        odds,
        lower,
        observations,
        minimum,
        observationsToRestart,
        firstWeight);
  }

  double[] grid() {
    double[] grid = EventLabelDesign.logSpaced(lowestOdds, highestOdds, odds);
    for (int k = 0; lower && k < grid.length; k++) {
      grid[k] = 1 / grid[k];
    }
    return grid;
  }
}
