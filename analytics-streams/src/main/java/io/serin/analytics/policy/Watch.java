package io.serin.analytics.policy;

/** One guard watching one candidate. Not thread-safe. */
sealed interface Watch permits EventWatch, QuantileWatch {
  void observe(Sight sight);

  Finding finding();
}
