package io.serin.analytics.policy;

import io.serin.rollout.Metric;
import io.serin.statistics.sketch.LogSketch;
import org.jspecify.annotations.Nullable;

/** What a quantile guard measures on a request. */
public enum Measure {
  /** TTFT where the answer is streamed, duration where it is not; microseconds. */
  LATENCY(LogSketch.TIMES),
  /** Time to the first token of streamed answers; microseconds. */
  TTFT(LogSketch.TIMES),
  /** Time to the end of the answer; microseconds. */
  DURATION(LogSketch.TIMES),
  /** Time per output token after the first, of streamed answers; nanoseconds. */
  TPOT(LogSketch.TIMES),
  /** Completion tokens. */
  TOKENS(LogSketch.TOKENS);

  /** A failure: above every threshold. */
  public static final long FAILED = Long.MAX_VALUE;

  private final double gamma;

  Measure(double gamma) {
    this.gamma = gamma;
  }

  /** What a metric measures; null where it is a rate. */
  static @Nullable Measure of(Metric metric) {
    return switch (metric) {
      case LATENCY_P50, LATENCY_P90, LATENCY_P95, LATENCY_P99 -> LATENCY;
      case TTFT_P50, TTFT_P90, TTFT_P95, TTFT_P99 -> TTFT;
      case DURATION_P50, DURATION_P90, DURATION_P95, DURATION_P99 -> DURATION;
      case TPOT_P50, TPOT_P90, TPOT_P95, TPOT_P99 -> TPOT;
      case TOKENS -> TOKENS;
      case ERROR_RATE, REFUSAL_RATE, FEEDBACK, CACHE_HIT -> null;
    };
  }

  LogSketch sketch() {
    return new LogSketch(gamma);
  }

  boolean time() {
    return this != TOKENS;
  }

  /**
   * True for the request that a unit gives to this measure in a stage: its first, and of what only
   * streamed answers have its first streamed one.
   */
  boolean given(Sight sight) {
    return switch (this) {
      case LATENCY, DURATION, TOKENS -> sight.first();
      case TTFT, TPOT -> sight.streamed() && sight.news().firstOfKind();
    };
  }

  /** Where a unit's greatest value is kept: that of TTFT is the latency of streamed answers. */
  Measure peak() {
    return this == TTFT ? LATENCY : this;
  }

  /** Units in the metric's own unit, for people: milliseconds, or tokens. */
  double shown(double value) {
    return switch (this) {
      case LATENCY, TTFT, DURATION -> value / 1_000;
      case TPOT -> value / 1_000_000;
      case TOKENS -> value;
    };
  }

  /**
   * The value of a request; {@link #FAILED} where it failed, null where it has none: not streamed,
   * not reported, or left by the client.
   */
  @Nullable Long value(
      Sight.End end,
      boolean streamed,
      @Nullable Long ttftMicros,
      long durationMicros,
      @Nullable Long tokens) {
    boolean failed = end == Sight.End.FAILED;
    return switch (this) {
      case LATENCY -> Sight.latency(end, streamed, ttftMicros, durationMicros);
      case TTFT -> streamed ? Sight.latency(end, true, ttftMicros, durationMicros) : null;
      case DURATION -> failed ? FAILED : durationMicros;
      case TPOT -> {
        if (!streamed) {
          yield null;
        }
        if (failed) {
          yield FAILED;
        }
        yield end != Sight.End.OK || ttftMicros == null || tokens == null || tokens < 2
            ? null
            : Long.valueOf((durationMicros - ttftMicros) * 1_000 / (tokens - 1));
      }
      case TOKENS -> end == Sight.End.OK ? tokens : null;
    };
  }

  /** The value as it is compared: infinite where the request failed. */
  @Nullable Double value(Sight sight) {
    Long value =
        value(
            sight.end(),
            sight.streamed(),
            sight.ttftMicros(),
            sight.durationMicros(),
            sight.completionTokens());
    return value == null
        ? null
        : Double.valueOf(value == FAILED ? Double.POSITIVE_INFINITY : value);
  }

  /** True where the value is only known to be at least this: the client left before it was over. */
  boolean censored(Sight sight) {
    return switch (this) {
      case LATENCY, TTFT -> sight.censored();
      case DURATION -> sight.end() == Sight.End.CANCELLED;
      case TPOT, TOKENS -> false;
    };
  }
}
