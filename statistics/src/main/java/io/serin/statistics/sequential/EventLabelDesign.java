package io.serin.statistics.sequential;

import java.util.ArrayList;
import java.util.List;

/**
 * What an {@link EventLabelProcess} bets on; fixed before the first event.
 *
 * @param ratios relative risks beyond the margin that are bet on with equal weights; one below 1
 *     bets that the candidate has the event less often
 * @param eventsToRestart a new process begins after the first window that closes with this many new
 *     events, ≥ 1
 * @param firstWeight share of the process that never restarts, in (0, 1]; 1 is without restarts
 */
public record EventLabelDesign(List<Double> ratios, int eventsToRestart, double firstWeight) {
  private static final int EVENTS = 25;
  private static final double FIRST = 0.8;
  private static final List<Double> RATIOS = List.of(1.15, 1.4, 1.8, 2.4, 3.3, 5.0, 9.0, 14.0);

  public EventLabelDesign {
    ratios = List.copyOf(ratios);
    if (ratios.isEmpty()) {
      throw new IllegalArgumentException("ratios: at least one is required");
    }
    for (double ratio : ratios) {
      if (!(ratio > 0 && ratio < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("ratios: must be positive and finite, not " + ratio);
      }
    }
    if (eventsToRestart < 1) {
      throw new IllegalArgumentException(
          "eventsToRestart: at least 1 is required, not " + eventsToRestart);
    }
    if (!(firstWeight > 0 && firstWeight <= 1)) {
      throw new IllegalArgumentException("firstWeight: must lie in (0, 1], not " + firstWeight);
    }
  }

  /**
   * Rollback guards: eight ratios 1.15 … 14, closer together where a difference is small, restarts
   * after windows with 25 new events, .8 of the weight on the first process. Any ratios and weights
   * keep the guarantee; these need 1.2 to 1.4 times the requests of the best possible test for r ≥
   * 1.25, ten log-spaced ratios with half of the weight 1.3 to 1.6.
   */
  public static EventLabelDesign worse() {
    return new EventLabelDesign(RATIOS, EVENTS, FIRST);
  }

  /** "Different", as for refusals: the same on both sides, half of the weight each. */
  public static EventLabelDesign different() {
    List<Double> both = new ArrayList<>(RATIOS);
    for (double ratio : RATIOS) {
      both.add(1 / ratio);
    }
    return new EventLabelDesign(both, EVENTS, FIRST);
  }

  public EventLabelDesign withRatios(List<Double> newRatios) {
    return new EventLabelDesign(newRatios, eventsToRestart, firstWeight);
  }

  public EventLabelDesign withRestarts(int events, double weightOfFirst) {
    return new EventLabelDesign(ratios, events, weightOfFirst);
  }

  public EventLabelDesign withoutRestarts() {
    return withRestarts(eventsToRestart, 1);
  }

  double[] grid() {
    return ratios.stream().mapToDouble(Double::doubleValue).toArray();
  }

  static double[] logSpaced(double from, double to, int number) {
    double[] values = new double[number];
    double low = StrictMath.log(from);
    double high = StrictMath.log(to);
    for (int i = 0; i < number; i++) {
      values[i] = number == 1 ? from : StrictMath.exp(low + (high - low) * i / (number - 1));
    }
    return values;
  }

  /** By component: ln((1+o·s)/(1+o)), the cost of one event of either label in this stratum. */
  double[] cost(Stratum stratum) {
    double[] grid = grid();
    double[] cost = new double[grid.length];
    for (int k = 0; k < grid.length; k++) {
      boolean inverse = grid[k] < 1;
      double odds =
          inverse ? stratum.nullOdds() / (stratum.margin() * stratum.margin()) : stratum.nullOdds();
      cost[k] = StrictMath.log((1 + odds * grid[k]) / (1 + odds));
    }
    return cost;
  }

  /**
   * By label (candidate, control) and component: what one event multiplies the wealth by, less 1.
   */
  double[][] gains(Stratum stratum) {
    double[] grid = grid();
    double[] cost = cost(stratum);
    double[][] gains = new double[2][grid.length];
    for (int k = 0; k < grid.length; k++) {
      gains[0][k] = StrictMath.expm1(StrictMath.log(grid[k]) - cost[k]);
      gains[1][k] = StrictMath.expm1(-cost[k]);
    }
    return gains;
  }
}
