package io.serin.analytics.gates;

import io.serin.analytics.observation.Observation;
import io.serin.rollout.plan.Forecast;
import io.serin.statistics.design.BetGrowth;

/**
 * Shows of one candidate that one metric is not worse than control's by the guard's {@code
 * notWorse}: a bet against "it is", that may be read at any time. Not thread-safe.
 */
public sealed interface NotWorse permits NotWorseRate, NotWorseQuantile {
  /** The metric's name. */
  String metric();

  void observe(Observation observation);

  /** Natural logarithm of the e-value: shown at {@link Forecast#PASS}. */
  double logE();

  /** Units that it rests on. */
  long units();

  /** By how much a unit is expected to make it grow at this share, were the candidate identical. */
  BetGrowth growth(double share);

  default boolean shown() {
    return logE() >= Forecast.PASS;
  }

  /** Units more until it is shown, were the candidate identical; infinite where it cannot be. */
  default double more(double share, double power) {
    return growth(share).remaining(logE(), (double) units(), Forecast.PASS, power);
  }
}
