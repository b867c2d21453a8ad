package io.serin.cli.shadow;

import io.serin.rollout.value.Quantities;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * Reads moments as people type them: {@code -24h} is 24 hours ago, all others are ISO 8601 in UTC.
 */
final class Moments {
  private Moments() {}

  /**
   * A moment.
   *
   * @throws IllegalArgumentException naming field, value and rule
   */
  static Instant parse(String field, String text, Instant now) {
    if (text.equals("now")) {
      return now;
    }
    if (text.startsWith("-")) {
      return now.minus(Quantities.duration(field, text.substring(1)));
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          field
              + " is \""
              + text
              + "\": it must be -N with a unit, as in -24h, or a moment such as"
              + " 2026-03-01T12:00:00Z",
          e);
    }
  }
}
