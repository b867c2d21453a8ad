package io.serin.analytics.rollout;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What a guard watches. */
public enum Metric {
  /** Median of TTFT where the answer is streamed, of duration where it is not. */
  LATENCY_P50("latency.p50", Kind.QUANTILE, 0.5),
  /** 95th percentile of the same. */
  LATENCY_P95("latency.p95", Kind.QUANTILE, 0.95),
  /** Units with a request that failed: non-2xx, no connection, timeout, cut, empty or malformed. */
  ERROR_RATE("error.rate", Kind.RATE, 0),
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
    return switch (text) {
      case "feedback", "cache.hit", "ttft.p50", "ttft.p95", "duration.p50", "duration.p95" ->
          throw new InvalidField("metric", text, "is not judged yet; judged are " + names());
      default ->
          Arrays.stream(values())
              .filter(metric -> metric.text.equals(text))
              .findFirst()
              .orElseThrow(() -> new InvalidField("metric", text, "must be one of " + names()));
    };
  }

  private static String names() {
    return Arrays.stream(values()).map(Metric::text).collect(Collectors.joining(", "));
  }
}
