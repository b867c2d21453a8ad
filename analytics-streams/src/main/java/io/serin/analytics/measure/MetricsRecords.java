package io.serin.analytics.measure;

import io.serin.schemas.Quantiles;
import io.serin.schemas.Sketch;
import io.serin.schemas.VariantMetrics;
import io.serin.statistics.sketch.LogSketch;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Pure: from a window's state to the record that tells it. */
final class MetricsRecords {
  private MetricsRecords() {}

  static VariantMetrics of(WindowKey key, MeasureState.Window window) {
    Aggregate aggregate = window.aggregate();
    return VariantMetrics.newBuilder()
        .setRollout(key.rollout())
        .setRun(key.run())
        .setStage(key.stage())
        .setStageName(aggregate.stageName())
        .setVariant(key.variant())
        .setWindowMillis(key.windowMillis())
        .setWindowStart(Instant.ofEpochMilli(key.windowStart()))
        .setUpdate(window.update())
        .setAttempts(aggregate.total(Total.ATTEMPTS))
        .setRequests(aggregate.total(Total.REQUESTS))
        .setAssignedRequests(aggregate.total(Total.ASSIGNED_REQUESTS))
        .setOutcomes(aggregate.outcomes().counts())
        .setClientOutcomes(aggregate.clientOutcomes().counts())
        .setFinishReasons(aggregate.finishReasons().counts())
        .setWhys(aggregate.whys().counts())
        .setFallbacks(aggregate.total(Total.FALLBACKS))
        .setRefusals(aggregate.total(Total.REFUSALS))
        .setRefusalsJudged(aggregate.total(Total.REFUSALS_JUDGED))
        .setPromptTokens(aggregate.total(Total.PROMPT_TOKENS))
        .setCompletionTokens(aggregate.total(Total.COMPLETION_TOKENS))
        .setCacheReported(aggregate.total(Total.CACHE_REPORTED))
        .setCacheHits(aggregate.total(Total.CACHE_HITS))
        .setCachedTokens(aggregate.total(Total.CACHED_TOKENS))
        .setFeedbackCount(aggregate.total(Total.FEEDBACK_COUNT))
        .setFeedbackSum(aggregate.feedbackSum().doubleValue())
        .setTtft(quantiles(aggregate.ttft()))
        .setDuration(quantiles(aggregate.duration()))
        .setTokens(quantiles(aggregate.tokens()))
        .build();
  }

  private static Quantiles quantiles(Distribution distribution) {
    LogSketch sketch = distribution.sketch();
    return Quantiles.newBuilder()
        .setCount(distribution.count())
        .setMean(distribution.mean())
        .setP50(quantile(sketch, 0.5))
        .setP90(quantile(sketch, 0.9))
        .setP95(quantile(sketch, 0.95))
        .setP99(quantile(sketch, 0.99))
        .setSketch(
            Sketch.newBuilder()
                .setGamma(sketch.gamma())
                .setZeroCount(sketch.zeroCount())
                .setOffset(sketch.offset())
                .setCounts(Arrays.stream(sketch.counts()).boxed().toList())
                .build())
        .build();
  }

  private static @Nullable Double quantile(LogSketch sketch, double q) {
    return sketch.count() == 0 ? null : sketch.quantile(q);
  }
}
