package io.serin.analytics.policy;

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
 * @param first the unit's first request of the stage
 * @param previousSlowestMicros the unit's slowest of the stage before this one, {@link
 *     Long#MAX_VALUE} where it failed; null where there was none
 * @param end how the arm's request ended
 * @param ttftMicros fallbacks included; null where there was no first byte
 * @param durationMicros fallbacks included
 */
public record Sight(
    String run,
    int stage,
    String unit,
    String variant,
    long eventTime,
    String labelClass,
    Map<String, Integer> labelSlots,
    boolean first,
    boolean firstError,
    boolean firstRefusal,
    boolean slowest,
    @Nullable Long previousSlowestMicros,
    boolean streamed,
    End end,
    @Nullable Long ttftMicros,
    long durationMicros,
    @Nullable Long completionTokens) {

  /** How a request ended, as far as guards care. */
  public enum End {
    OK,
    /** Slower than every threshold. */
    FAILED,
    /** By the client: never an error; slow where it lasted past a threshold. */
    CANCELLED
  }

  public Sight {
    labelSlots = Map.copyOf(new TreeMap<>(labelSlots));
  }

  /**
   * The latency that guards compare: TTFT where the answer is streamed, duration where it is not;
   * {@link Long#MAX_VALUE} where it failed.
   */
  public long latencyMicros() {
    return latency(end, streamed, ttftMicros, durationMicros);
  }

  /** The same for a request that is not a sight yet. */
  public static long latency(
      End end, boolean streamed, @Nullable Long ttftMicros, long durationMicros) {
    if (end == End.FAILED) {
      return Long.MAX_VALUE;
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
