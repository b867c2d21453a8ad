package io.serin.analytics.observation;

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
  public static @Nullable Measure of(Metric metric) {
    return switch (metric) {
      case LATENCY_P50, LATENCY_P90, LATENCY_P95, LATENCY_P99 -> LATENCY;
      case TTFT_P50, TTFT_P90, TTFT_P95, TTFT_P99 -> TTFT;
      case DURATION_P50, DURATION_P90, DURATION_P95, DURATION_P99 -> DURATION;
      case TPOT_P50, TPOT_P90, TPOT_P95, TPOT_P99 -> TPOT;
      case TOKENS -> TOKENS;
      case ERROR_RATE, REFUSAL_RATE, FEEDBACK, CACHE_HIT -> null;
    };
  }

  public LogSketch sketch() {
    return new LogSketch(gamma);
  }

  public boolean time() {
    return this != TOKENS;
  }

  /**
   * True for the request that a unit gives to this measure in a stage: its first, and of what only
   * streamed answers have its first streamed one.
   */
  public boolean given(Observation sight) {
    return switch (this) {
      case LATENCY, DURATION, TOKENS -> sight.first();
      case TTFT, TPOT -> sight.streamed() && sight.news().firstOfKind();
    };
  }

  /** Where a unit's greatest value is kept: that of TTFT is the latency of streamed answers. */
  public Measure peak() {
    return this == TTFT ? LATENCY : this;
  }

  /** Units in the metric's own unit, for people: milliseconds, or tokens. */
  public double shown(double value) {
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
  public @Nullable Long value(
      Observation.End end,
      boolean streamed,
      @Nullable Long ttftMicros,
      long durationMicros,
      @Nullable Long tokens) {
    boolean failed = end == Observation.End.FAILED;
    return switch (this) {
      case LATENCY -> Observation.latency(end, streamed, ttftMicros, durationMicros);
      case TTFT -> streamed ? Observation.latency(end, true, ttftMicros, durationMicros) : null;
      case DURATION -> failed ? FAILED : durationMicros;
      case TPOT -> {
        if (!streamed) {
          yield null;
        }
        if (failed) {
          yield FAILED;
        }
        yield end != Observation.End.OK || ttftMicros == null || tokens == null || tokens < 2
            ? null
            : Long.valueOf((durationMicros - ttftMicros) * 1_000 / (tokens - 1));
      }
      case TOKENS -> end == Observation.End.OK ? tokens : null;
    };
  }

  /** The value as it is compared: infinite where the request failed. */
  public @Nullable Double value(Observation sight) {
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

  /**
   * What the request's observation before this one had proven the value to be at least; infinite
   * where it knew the value, 0 where there was none.
   */
  public double told(Observation sight) {
    Observation.Progress before = sight.progress();
    return switch (this) {
      case LATENCY, TTFT ->
          sight.streamed() && before.toldTtftMicros() != null
              ? Double.POSITIVE_INFINITY
              : before.toldMicros();
      case DURATION -> before.toldMicros();
      case TPOT, TOKENS -> 0;
    };
  }

  /**
   * True where the value is only known to be at least this: the client left before it was over, or
   * the request is still running.
   */
  public boolean censored(Observation sight) {
    return switch (this) {
      case LATENCY, TTFT -> sight.censored();
      case DURATION ->
          sight.end() == Observation.End.CANCELLED || sight.end() == Observation.End.RUNNING;
      case TPOT, TOKENS -> false;
    };
  }
}
