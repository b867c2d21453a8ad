package io.serin.statistics.sequential;

import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link FeedbackProcess} bets on; fixed before the first rating.
 *
 * @param odds odds ratios of a bad rating, candidate over control, that are bet on with equal
 *     weights
 * @param nullOdds the odds ratio that is still allowed, > 0; usually 1
 * @param ratingsPerBlock a block closes with the window in which it holds at least this many
 *     ratings, ≥ 2, and at least one of each arm
 * @param ratingsToRestart a new process begins after the window with which at least this many
 *     ratings have closed since the last start, ≥ 1
 * @param firstWeight share of the process that never restarts, in (0, 1]; 1 is without restarts
 */
public record FeedbackDesign(
    List<Double> odds,
    double nullOdds,
    int ratingsPerBlock,
    int ratingsToRestart,
    double firstWeight) {
  private static final int PER_BLOCK = 20;
  private static final int TO_RESTART = 200;
  private static final double FIRST = 0.8;

  public FeedbackDesign {
    odds = List.copyOf(odds);
    if (odds.isEmpty()) {
      throw new IllegalArgumentException("odds: at least one is required");
    }
    for (double each : odds) {
      positive("odds", each);
    }
    positive("nullOdds", nullOdds);
    if (ratingsPerBlock < 2 || ratingsToRestart < 1) {
      throw new IllegalArgumentException(
          "ratingsPerBlock: at least 2, ratingsToRestart: at least 1, not "
              + ratingsPerBlock
              + ", "
              + ratingsToRestart);
    }
    if (!(firstWeight > 0 && firstWeight <= 1)) {
      throw new IllegalArgumentException("firstWeight: must lie in (0, 1], not " + firstWeight);
    }
  }

  private static void positive(String name, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + ": must be positive and finite, not " + value);
    }
  }

  /** A rollback guard: the candidate's ratings are bad more often; odds 1.15 … 8. */
  public static FeedbackDesign worse() {
    return new FeedbackDesign(grid(), 1, PER_BLOCK, TO_RESTART, FIRST);
  }

  /** Either way, half of the weight each. */
  public static FeedbackDesign different() {
    List<Double> both = new ArrayList<>(grid());
    for (double each : grid()) {
      both.add(1 / each);
    }
    return new FeedbackDesign(both, 1, PER_BLOCK, TO_RESTART, FIRST);
  }

  private static List<Double> grid() {
    List<Double> grid = new ArrayList<>();
    for (double each : EventLabelDesign.logSpaced(1.15, 8, 10)) {
      grid.add(each);
    }
    return grid;
  }
}
