package io.serin.analytics.measure;

import io.serin.schemas.topics.Topics;

/** The names of the topics that measure reads and writes. */
public record MeasureTopics(
    String requests, String feedback, String shadowResults, String comparisons, String metrics) {

  /** Those of the catalogue. */
  public static MeasureTopics catalogue() {
    return new MeasureTopics(
        Topics.REQUESTS.name(),
        Topics.FEEDBACK.name(),
        Topics.SHADOW_RESULTS.name(),
        Topics.COMPARISONS.name(),
        Topics.METRICS.name());
  }
}
