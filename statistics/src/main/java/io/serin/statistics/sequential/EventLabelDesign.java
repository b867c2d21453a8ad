package io.serin.statistics.sequential;

/**
 * What an {@link EventLabelProcess} bets on; fixed before the first event.
 *
 * @param lowestRatio smallest relative risk beyond the margin, > 1
 * @param highestRatio largest relative risk beyond the margin, ≥ lowestRatio
 * @param ratios how many, log-spaced, equally weighted, ≥ 1
 * @param twoSided whether half of the weight bets on the inverse ratios
 * @param eventsToRestart a new process begins after the first window that closes with this many new
 *     events, ≥ 1
 * @param firstWeight share of the process that never restarts, in (0, 1]; 1 is without restarts
 */
public record EventLabelDesign(
    double lowestRatio,
    double highestRatio,
    int ratios,
    boolean twoSided,
    int eventsToRestart,
    double firstWeight) {
  public EventLabelDesign {
    if (!(lowestRatio > 1
        && highestRatio >= lowestRatio
        && highestRatio < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "ratios: 1 < lowest <= highest is required, not " + lowestRatio + " and " + highestRatio);
    }
    if (ratios < 1) {
      throw new IllegalArgumentException("ratios: at least 1 is required, not " + ratios);
    }
    if (eventsToRestart < 1) {
      throw new IllegalArgumentException(
          "eventsToRestart: at least 1 is required, not " + eventsToRestart);
    }
    if (!(firstWeight > 0 && firstWeight <= 1)) {
      throw new IllegalArgumentException("firstWeight: must lie in (0, 1], not " + firstWeight);
    }
  }

  /** Rollback guards: ten ratios 1.15 … 12, restarts after windows with 25 new events. */
  public static EventLabelDesign worse() {
    return new EventLabelDesign(1.15, 12, 10, false, 25, 0.5);
  }

  /** "Different", as for refusals: the same on both sides, half of the weight each. */
  public static EventLabelDesign different() {
    return new EventLabelDesign(1.15, 12, 10, true, 25, 0.5);
  }

  public EventLabelDesign withRestarts(int events, double weightOfFirst) {
    return new EventLabelDesign(lowestRatio, highestRatio, ratios, twoSided, events, weightOfFirst);
  }

  public EventLabelDesign withoutRestarts() {
    return withRestarts(eventsToRestart, 1);
  }

  public EventLabelDesign withRatios(double lowest, double highest, int number) {
    return new EventLabelDesign(lowest, highest, number, twoSided, eventsToRestart, firstWeight);
  }

  /** The ratios beyond the margin, the inverse ones last. */
  double[] grid() {
    double[] upper = logSpaced(lowestRatio, highestRatio, ratios);
    if (!twoSided) {
      return upper;
    }
    double[] both = new double[2 * ratios];
    for (int k = 0; k < ratios; k++) {
      both[k] = upper[k];
      both[ratios + k] = 1 / upper[k];
    }
    return both;
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
}
