package io.serin.analytics.policy;

import io.serin.analytics.rollout.Variant;
import io.serin.statistics.sequential.LabelProbability;
import io.serin.statistics.sequential.Stratum;
import org.jspecify.annotations.Nullable;

/** Names strata: stage, class and the slots that the class leaves to both arms. */
final class Strata {
  /** Length of an event-time window, milliseconds. */
  static final long WINDOW = 10_000;

  private Strata() {}

  /**
   * The stratum of a sight for one candidate; null where its label is certain, or it is another
   * candidate's.
   */
  static @Nullable String of(Sight sight, String candidate) {
    if (!sight.variant().equals(candidate) && !sight.variant().equals(Variant.CONTROL)) {
      return null;
    }
    LabelProbability label = LabelProbability.of(sight.labelSlots(), candidate, Variant.CONTROL);
    if (!label.informative()) {
      return null;
    }
    return sight.stage()
        + "/"
        + sight.labelClass()
        + "/"
        + label.candidateSlots()
        + ":"
        + label.controlSlots();
  }

  static Stratum parse(String name) {
    String slots = name.substring(name.lastIndexOf('/') + 1);
    int colon = slots.indexOf(':');
    return new Stratum(
        name,
        new LabelProbability(
                Integer.parseInt(slots.substring(0, colon)),
                Integer.parseInt(slots.substring(colon + 1)))
            .value());
  }

  static long window(Sight sight) {
    return Math.floorDiv(sight.eventTime(), WINDOW);
  }
}
