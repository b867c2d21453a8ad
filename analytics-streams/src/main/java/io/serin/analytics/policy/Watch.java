package io.serin.analytics.policy;

/** One guard watching one candidate. Not thread-safe. */
sealed interface Watch permits EventWatch, QuantileWatch {
  void observe(Sight sight);

  /** metric/candidate: the same name for the same watch, always. */
  String name();

  /** True where the finding cannot be other than to continue: much cheaper than to ask for it. */
  boolean quiet();

  Finding finding();
}
