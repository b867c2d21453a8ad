package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What a guard watches. */
public enum Metric {
  /** Quantiles of TTFT where the answer is streamed, of duration where it is not. */
  LATENCY_P50("latency.p50", Kind.QUANTILE, 0.5),
  LATENCY_P90("latency.p90", Kind.QUANTILE, 0.9),
  LATENCY_P95("latency.p95", Kind.QUANTILE, 0.95),
  LATENCY_P99("latency.p99", Kind.QUANTILE, 0.99),
  /** Quantiles of the time to the first token, of streamed answers. */
  TTFT_P50("ttft.p50", Kind.QUANTILE, 0.5),
  TTFT_P90("ttft.p90", Kind.QUANTILE, 0.9),
  TTFT_P95("ttft.p95", Kind.QUANTILE, 0.95),
  TTFT_P99("ttft.p99", Kind.QUANTILE, 0.99),
  /** Quantiles of the time to the end of the answer. */
  DURATION_P50("duration.p50", Kind.QUANTILE, 0.5),
  DURATION_P90("duration.p90", Kind.QUANTILE, 0.9),
  DURATION_P95("duration.p95", Kind.QUANTILE, 0.95),
  DURATION_P99("duration.p99", Kind.QUANTILE, 0.99),
  /** Quantiles of the time per output token after the first, of streamed answers. */
  TPOT_P50("tpot.p50", Kind.QUANTILE, 0.5),
  TPOT_P90("tpot.p90", Kind.QUANTILE, 0.9),
  TPOT_P95("tpot.p95", Kind.QUANTILE, 0.95),
  TPOT_P99("tpot.p99", Kind.QUANTILE, 0.99),
  /** Units with a request that failed: non-2xx, no connection, timeout, cut, empty or malformed. */
  ERROR_RATE("error.rate", Kind.RATE, 0),
  /** Units whose first rating of a stage is a thumb down. */
  FEEDBACK("feedback", Kind.RATE, 0),
  /** Units whose request found none of its prompt in the cache. */
  CACHE_HIT("cache.hit", Kind.RATE, 0),
  /** Units with an answer that refuses. */
  REFUSAL_RATE("refusal.rate", Kind.RATE, 0),
  /** Median of completion tokens. */
  TOKENS("tokens", Kind.QUANTILE, 0.5);

  /** How a metric is tested. */
  public enum Kind {
    RATE,
    QUANTILE
  }

  private final String text;
  private final Kind kind;
  private final double quantile;

  Metric(String text, Kind kind, double quantile) {
    this.text = text;
    this.kind = kind;
    this.quantile = quantile;
  }

  /** The name in files, topics and verdicts. */
  public String text() {
    return text;
  }

  public Kind kind() {
    return kind;
  }

  /** The quantile that is compared; 0 for a rate. */
  public double quantile() {
    return quantile;
  }

  static Metric parse(String text) {
    return Arrays.stream(values())
        .filter(metric -> metric.text.equals(text))
        .findFirst()
        .orElseThrow(() -> new InvalidField("metric", text, "must be one of " + names()));
  }

  private static String names() {
    return Arrays.stream(values()).map(Metric::text).collect(Collectors.joining(", "));
  }
}
