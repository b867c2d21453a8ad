package io.serin.analytics.judge;

import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Observation;

/** One guard watching one candidate. Not thread-safe. */
public sealed interface CandidateGuard permits EventGuard, QuantileGuard, RatingGuard, CacheGuard {
  /** Control units without what a guard compares, after which it is not applicable. */
  long ENOUGH_TO_TELL = 20;

  /** Natural logarithm of the e-value at which a guard's own sample ratio forbids it to fire. */
  double BROKEN_SPLIT = StrictMath.log(20);

  long FEWEST_EVENTS = 3;

  /** Takes in a request at its end. */
  void observe(Observation observation);

  /**
   * Takes in a request that is still running; a guard whose metric is known at the end only skips
   * it.
   */
  default void running(Observation observation) {}

  /** Takes in a first rating; only a guard on feedback looks at it. */
  default void rate(FirstRating rated) {}

  /** metric/candidate: the same name for the same watch, always. */
  String name();

  /** True where the finding cannot be other than to continue: much cheaper than to ask for it. */
  boolean quiet();

  Finding finding();
}
