package io.serin.comparison;

import org.jspecify.annotations.Nullable;

/**
 * One metric over many pairs.
 *
 * @param pairs of which both sides could be compared
 * @param units they come from
 * @param control its rate of an event, or its geometric mean
 * @param candidate the same
 * @param effect candidate minus control for an event; candidate over control for a ratio
 * @param low of the interval of the effect
 * @param high of it
 * @param candidateOnly pairs in which only the candidate has the event; null for a ratio, and where
 *     answers are not paired
 * @param controlOnly pairs in which only control has it
 * @param p two-sided p-value of "no difference"
 */
public record Estimate(
    ComparedMetric metric,
    long pairs,
    long units,
    double control,
    double candidate,
    double effect,
    double low,
    double high,
    @Nullable Long candidateOnly,
    @Nullable Long controlOnly,
    double p) {

  /** How far the effect is from none, towards more of the metric; ratios by their logarithm. */
  public double more() {
    return metric.kind() == ComparedMetric.Kind.EVENT ? effect : Math.log(effect);
  }
}
