package io.serin.analytics.observation;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the judge sees of one request: one of the first events of its unit in its stage.
 *
 * @param variant the arm: the assigned variant
 * @param eventTime milliseconds since the epoch
 * @param labelClass units of one class share one label probability
 * @param labelSlots slots that the class leaves to each variant now
 * @param weights slots of each variant in the whole split; empty where it is not known
 * @param news which of the unit's first events the request is
 * @param end how the arm's request ended
 * @param ttftMicros fallbacks included; null where there was no first byte
 * @param durationMicros fallbacks included
 * @param refusal whether the answer refuses; null where none was judged
 * @param cachedTokens of the prompt; null where they are not reported, which is never 0
 */
public record Observation(
    String run,
    int stage,
    String unit,
    String variant,
    long eventTime,
    String labelClass,
    Map<String, Integer> labelSlots,
    Map<String, Integer> weights,
    FirstEvents news,
    boolean streamed,
    End end,
    @Nullable Long ttftMicros,
    long durationMicros,
    @Nullable Long completionTokens,
    @Nullable Boolean refusal,
    @Nullable Long cachedTokens) {

  /** How a request ended, as far as guards care. */
  public enum End {
    OK,
    /** Slower than every threshold. */
    FAILED,
    /** By the client: never an error; slow where it lasted past a threshold. */
    CANCELLED
  }

  /**
   * Which of a unit's first events of a stage a request is.
   *
   * @param first its first request
   * @param firstOfKind its first among streamed, or among other, answers
   * @param firstError its first failure
   * @param firstRefusal its first refusal
   * @param firstCached its first that reports cached tokens
   * @param firstFollowUp its first follow-up turn that reports cached tokens
   * @param peaks measures of which it gives the unit's first value of a day, each with −1; earlier
   *     records hold the greatest value before where it was the greatest so far
   */
  public record FirstEvents(
      boolean first,
      boolean firstOfKind,
      boolean firstError,
      boolean firstRefusal,
      boolean firstCached,
      boolean firstFollowUp,
      Map<Measure, Long> peaks) {
    /** Nothing that the judge is to see. */
    public static final FirstEvents NONE =
        new FirstEvents(false, false, false, false, false, false, Map.of());

    public FirstEvents {
      peaks = Map.copyOf(peaks);
    }

    /** True for the unit's first value of a measure on a day. */
    public boolean firstOfDay(Measure measure) {
      return peaks.getOrDefault(measure, 0L) < 0;
    }

    /** True where the judge is to see the request. */
    public boolean tells() {
      return first
          || firstOfKind
          || firstError
          || firstRefusal
          || firstCached
          || firstFollowUp
          || !peaks.isEmpty();
    }
  }

  public Observation {
    labelSlots = Map.copyOf(new TreeMap<>(labelSlots));
    weights = Map.copyOf(new TreeMap<>(weights));
  }

  /** True for the unit's first request of the stage. */
  public boolean first() {
    return news.first;
  }

  /** True for the unit's first refusal of the stage. */
  public boolean firstRefusal() {
    return news.firstRefusal;
  }

  /** The latency that guards compare; {@link Measure#FAILED} where it failed. */
  public long latencyMicros() {
    return latency(end, streamed, ttftMicros, durationMicros);
  }

  /**
   * The latency that guards compare: TTFT where the answer is streamed, duration where it is not;
   * {@link Measure#FAILED} where it failed.
   */
  public static long latency(
      End end, boolean streamed, @Nullable Long ttftMicros, long durationMicros) {
    if (end == End.FAILED) {
      return Measure.FAILED;
    }
    return streamed && ttftMicros != null ? ttftMicros : durationMicros;
  }

  /**
   * True where the latency is only known to be at least this: the client left before it was over.
   */
  public boolean censored() {
    return end == End.CANCELLED && !(streamed && ttftMicros != null);
  }
}
