package io.serin.rollout;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads durations ("7d", "30s"), shares ("5%", 0.05), points ("0.5pp") and ratios ("20%", 0.2). */
final class Quantities {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d|w)");
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE]-?[0-9]{1,2})?");

  private Quantities() {}

  static Duration duration(String field, String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new InvalidField(
          field, text, "must be a whole number with ms, s, m, h, d or w, as in 30s or 7d");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "d" -> Duration.ofDays(number);
      case "w" -> Duration.ofDays(7 * number);
      default -> throw new AssertionError(text);
    };
  }

  /** A share as slots: 5% and 0.05 are 500. */
  static int basisPoints(String field, String text) {
    BigDecimal share = ratio(field, text, "must be a share, as in 5% or 0.05");
    BigDecimal points = share.movePointRight(4).stripTrailingZeros();
    if (points.signum() < 0 || points.compareTo(BigDecimal.valueOf(Split.SLOTS)) > 0) {
      throw new InvalidField(
          field,
          text,
          "must lie between 0% and 100%"
              + (points.signum() > 0 && !text.endsWith("%") ? ", with its sign: 50% or 0.5" : ""));
    }
    if (points.scale() > 0) {
      throw new InvalidField(field, text, "must be a multiple of 0.01%");
    }
    return points.intValueExact();
  }

  /** 20% and 0.2 are 0.2. */
  static double ratio(String field, String text) {
    return ratio(field, text, "must be a ratio, as in 20% or 0.2").doubleValue();
  }

  /** 0.5pp is 0.005; 0 needs no unit. */
  static double points(String field, String text) {
    if (text.endsWith("pp")) {
      String number = text.substring(0, text.length() - 2).strip();
      if (NUMBER.matcher(number).matches()) {
        return new BigDecimal(number).movePointLeft(2).doubleValue();
      }
    } else if (NUMBER.matcher(text).matches() && new BigDecimal(text).signum() == 0) {
      return 0;
    }
    throw new InvalidField(field, text, "must be in percentage points, as in 0.5pp, or 0");
  }

  static double number(String field, String text) {
    if (!NUMBER.matcher(text).matches()) {
      throw new InvalidField(field, text, "must be a number");
    }
    return Double.parseDouble(text);
  }

  private static BigDecimal ratio(String field, String text, String rule) {
    boolean percent = text.endsWith("%");
    String number = percent ? text.substring(0, text.length() - 1).strip() : text;
    if (!NUMBER.matcher(number).matches()) {
      throw new InvalidField(field, text, rule);
    }
    BigDecimal value = new BigDecimal(number);
    return percent ? value.movePointLeft(2) : value;
  }
}
