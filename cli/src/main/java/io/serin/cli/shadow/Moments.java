package io.serin.cli.shadow;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads moments as people type them: {@code -24h} is 24 hours ago; else ISO 8601 in UTC. Pure. */
final class Moments {
  private static final Pattern AGO = Pattern.compile("-([0-9]{1,6})(s|m|h|d)");

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
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      long number = Long.parseLong(ago.group(1));
      return now.minus(
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          });
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          field
              + " is \""
              + text
              + "\": it must be -N with s, m, h or d, as in -24h, or a moment such as"
              + " 2026-03-01T12:00:00Z",
          e);
    }
  }
}
