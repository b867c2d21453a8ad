package io.serin.statistics.comparison;

/**
 * What is known of one arm's metric, as sums over its units: mean and variance of one unit. Sums
 * add up over partitions, so samples merge. Immutable.
 */
public sealed interface Sample
    permits MeanSample, ProportionSample, RatioSample, AdjustedSample, AdjustedRatioSample {
  /** Number of units. */
  long n();

  /** The estimate, after any adjustment. */
  double mean();

  /** Variance of one unit, so that the estimate's variance is variance/n. */
  double variance();

  /** The estimate before adjustment: what a relative difference is relative to. */
  default double unadjustedMean() {
    return mean();
  }
}
