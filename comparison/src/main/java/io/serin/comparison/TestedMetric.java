package io.serin.comparison;

import org.jspecify.annotations.Nullable;

/**
 * An estimate with its verdict.
 *
 * @param segment where: dimension=value; null for all pairs
 * @param adjusted p-value after all that was looked at
 */
public record TestedMetric(
    @Nullable String segment, Estimate estimate, double adjusted, Conclusion verdict) {

  public boolean found() {
    return verdict != Conclusion.NOT_SHOWN;
  }
}
