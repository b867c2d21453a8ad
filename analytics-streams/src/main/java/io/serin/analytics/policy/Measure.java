package io.serin.analytics.policy;

import io.serin.analytics.rollout.Metric;
import io.serin.statistics.sketch.LogSketch;
import org.jspecify.annotations.Nullable;

/** What a quantile guard measures on a request. */
enum Measure {
  LATENCY(LogSketch.TIMES),
  TOKENS(LogSketch.TOKENS);

  private final double gamma;

  Measure(double gamma) {
    this.gamma = gamma;
  }

  static Measure of(Metric metric) {
    return switch (metric) {
      case LATENCY_P50, LATENCY_P95 -> LATENCY;
      case TOKENS -> TOKENS;
      case ERROR_RATE, REFUSAL_RATE -> throw new IllegalArgumentException(metric.text());
    };
  }

  LogSketch sketch() {
    return new LogSketch(gamma);
  }

  /**
   * The value, or null where the request has none; infinite where it is slower than every
   * threshold.
   */
  @Nullable Double value(Sight sight) {
    return switch (this) {
      case LATENCY -> {
        long micros = sight.latencyMicros();
        yield micros == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : (double) micros;
      }
      case TOKENS -> {
        Long tokens = sight.completionTokens();
        yield tokens == null || sight.end() != Sight.End.OK ? null : Double.valueOf(tokens);
      }
    };
  }
}
