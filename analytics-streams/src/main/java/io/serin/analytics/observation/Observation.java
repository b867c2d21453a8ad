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
 * @param progress what earlier observations of the same request have told
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
    @Nullable Long cachedTokens,
    Progress progress) {

  /** How a request ended, as far as guards care. */
  public enum End {
    OK,
    /** Slower than every threshold. */
    FAILED,
    /** By the client: never an error; slow where it lasted past a threshold. */
    CANCELLED,
    /** Not yet: its times are only known to be at least what they are so far. */
    RUNNING
  }

  /**
   * A request may be observed several times: while it is running, and at its end.
   *
   * @param startedAt when it was read, milliseconds since the epoch, the same in all its
   *     observations; null where the writer did not say, and nothing was told before its end
   * @param toldMicros its duration at the observation before this one; 0 where this is the first
   * @param toldTtftMicros its TTFT where that observation knew it
   */
  public record Progress(@Nullable Long startedAt, long toldMicros, @Nullable Long toldTtftMicros) {
    /** Heard of at its end only. */
    public static final Progress NONE = new Progress(null, 0, null);
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

  /** A request that is heard of at its end only. */
  public Observation(
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
    this(
        run,
        stage,
        unit,
        variant,
        eventTime,
        labelClass,
        labelSlots,
        weights,
        news,
        streamed,
        end,
        ttftMicros,
        durationMicros,
        completionTokens,
        refusal,
        cachedTokens,
        Progress.NONE);
  }

  public Observation {
    labelSlots = Map.copyOf(new TreeMap<>(labelSlots));
    weights = Map.copyOf(new TreeMap<>(weights));
  }

  /** True for the unit's first request of the stage. */
  public boolean first() {
    return news.first;
  }

  /** True where the unit's first request of the stage is heard of for the first time. */
  public boolean exposes() {
    return news.first && progress.toldMicros == 0;
  }

  /** True while the request is running. */
  public boolean running() {
    return end == End.RUNNING;
  }

  /** When the request was read; its event time where that is not known. */
  public long startedAt() {
    Long started = progress.startedAt;
    return started == null ? eventTime : started;
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
   * True where the latency is only known to be at least this: the client left before it was over,
   * or it is still running.
   */
  public boolean censored() {
    return (end == End.CANCELLED || end == End.RUNNING) && !(streamed && ttftMicros != null);
  }
}
