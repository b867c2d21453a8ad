package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Whether one server's trouble can strike one variant alone. */
public enum Servers {
  /** What slows one variant slows all: units count as independent. */
  SHARED,
  /**
   * Each variant has servers of its own, with slow minutes and short outages of their own: evidence
   * counts by blocks of time.
   */
  OWN;

  /** Reads a name. */
  static Servers parse(String field, String text) {
    for (Servers each : values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(text)) {
        return each;
      }
    }
    throw new InvalidField(
        field,
        text,
        "must be one of "
            + Arrays.stream(values())
                .map(each -> each.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ")));
  }
}
