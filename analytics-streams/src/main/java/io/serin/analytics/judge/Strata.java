package io.serin.analytics.judge;

import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Variant;
import io.serin.statistics.sequential.LabelProbability;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names strata: stage, class and the slots that the class leaves to both arms. */
public final class Strata {
  /** Length of an event-time window, milliseconds. */
  static final long WINDOW = 10_000;

  /** How late a record may come without changing what is read from closed windows, milliseconds. */
  static final long GRACE = 2_000;

  private Strata() {}

  /**
   * The stratum of a observation for one candidate; null where its label is certain, or it is
   * another candidate's.
   */
  public static @Nullable StratumId of(Observation observation, String candidate) {
    return of(
        observation.stage(),
        observation.variant(),
        observation.labelClass(),
        observation.labelSlots(),
        candidate);
  }

  /** The same of a rating. */
  public static @Nullable StratumId of(FirstRating rated, String candidate) {
    return of(rated.stage(), rated.variant(), rated.labelClass(), rated.labelSlots(), candidate);
  }

  private static @Nullable StratumId of(
      int stage,
      String variant,
      String labelClass,
      Map<String, Integer> labelSlots,
      String candidate) {
    if (!variant.equals(candidate) && !variant.equals(Variant.CONTROL)) {
      return null;
    }
    LabelProbability label = LabelProbability.of(labelSlots, candidate, Variant.CONTROL);
    if (!label.informative()) {
      return null;
    }
    return StratumId.of(stage, labelClass, label);
  }

  public static long window(Observation observation) {
    return window(observation.eventTime());
  }

  public static long window(long eventTime) {
    return Math.floorDiv(eventTime, WINDOW);
  }

  /** When the window has surely been told: its end, and {@value #GRACE} ms for late records. */
  static long closed(long window) {
    return (window + 1) * WINDOW + GRACE;
  }
}
