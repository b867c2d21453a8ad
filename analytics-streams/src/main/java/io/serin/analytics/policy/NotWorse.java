package io.serin.analytics.policy;

/**
 * Shows of one candidate that one metric is not worse than control's by the guard's {@code
 * notWorse}: a bet against "it is", that may be read at any time. Not thread-safe.
 */
sealed interface NotWorse permits NotWorseRate, NotWorseQuantile {
  /** ln 20: shown at this height, once in twenty falsely. */
  double PASS = StrictMath.log(20);

  /** The metric's name. */
  String metric();

  void observe(Sight sight);

  /** Natural logarithm of the e-value: shown at {@link #PASS}. */
  double logE();

  /** By how much a unit is expected to make it grow at this share, were the candidate identical. */
  Plans.Growth growth(double share);

  /** What the best bet has to reach where the mixture of bets has to gain so much. */
  double height(double logE);

  default boolean shown() {
    return logE() >= PASS;
  }

  /** Units more until it is shown, were the candidate identical; infinite where it cannot be. */
  default double more(double share, double power) {
    double missing = PASS - logE();
    return missing <= 0 ? 0 : growth(share).units(height(missing), power);
  }
}
