package io.serin.rollout.value;

import io.serin.rollout.assignment.Split;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one grammar of the quantities that people write in files and options: durations ("30s",
 * "7d"), shares and ratios ("5%", 0.05), points ("0.5pp"), factors ("1.5x"), counts ("40k") and
 * plain numbers. Every failure is an {@link InvalidField}.
 */
public final class Quantities {
  private static final Pattern DURATION =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ms|s|m|h|d|w)");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(?:[0-9]+(?:\\.[0-9]+)?|\\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?");
  private static final Pattern COUNT =
      Pattern.compile("([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,16}(?:\\.[0-9]+)?)\\s*([kM]?)");
  private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]+");

  private Quantities() {}

  /** A number with ms, s, m, h, d or w; a bare 0 is no time. */
  public static Duration duration(String field, String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new InvalidField(
          field, text, "must be a number with ms, s, m, h, d or w, as in 30s or 7d");
    }
    long unit =
        switch (matcher.group(2)) {
          case "ms" -> 1;
          case "s" -> 1_000;
          case "m" -> 60_000;
          case "h" -> 3_600_000;
          case "d" -> 86_400_000;
          case "w" -> 604_800_000;
          default -> throw new AssertionError(text);
        };
    BigDecimal nanos =
        new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)).movePointRight(6);
    return Duration.ofSeconds(
        nanos.movePointLeft(9).longValue(),
        nanos.remainder(BigDecimal.valueOf(1_000_000_000L)).longValue());
  }

  /** {@link #duration} that is longer than no time at all. */
  public static Duration positiveDuration(String field, String text) {
    Duration duration = duration(field, text);
    if (!duration.isPositive()) {
      throw new InvalidField(field, text, "must be longer than 0");
    }
    return duration;
  }

  /** Writes a duration as {@link #duration} reads it: {@code 850ms}, {@code 20s}. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    return millis < 1_000 ? millis + "ms" : decimal(millis / 1e3) + "s";
  }

  /** Writes a share as {@link #share} reads it: {@code 30%}, {@code 2.5%}. */
  public static String percent(double share) {
    return decimal(share * 100) + "%";
  }

  /** At most three decimals, without trailing zeros. */
  public static String decimal(double value) {
    return String.format(Locale.ROOT, "%.3f", value).replaceAll("\\.?0+$", "");
  }

  /** A share as slots: 5% and 0.05 are 500. */
  public static int basisPoints(String field, String text) {
    BigDecimal share = exactRatio(field, text);
    BigDecimal points = share.movePointRight(4).stripTrailingZeros();
    if (points.signum() < 0 || points.compareTo(BigDecimal.valueOf(Split.SLOTS)) > 0) {
      throw new InvalidField(field, text, "must lie between 0% and 100%");
    }
    if (points.scale() > 0) {
      throw new InvalidField(field, text, "must be a multiple of 0.01%");
    }
    return points.intValueExact();
  }

  /** 20% and 0.2 are 0.2; 150% is 1.5. A bare number above 1, and a bare 1, needs its sign. */
  public static double ratio(String field, String text) {
    return exactRatio(field, text).doubleValue();
  }

  /** A ratio from 0 to 1, both included. */
  public static double share(String field, String text) {
    double share = text.equals("1") ? 1 : ratio(field, text);
    if (!(share >= 0 && share <= 1)) {
      throw new InvalidField(field, text, "must lie between 0% and 100%");
    }
    return share;
  }

  /** A share above 0, at most 1. */
  public static double positiveShare(String field, String text) {
    double share = share(field, text);
    if (share == 0) {
      throw new InvalidField(field, text, "must be more than 0%");
    }
    return share;
  }

  /** A share strictly between 0 and 1. */
  public static double properShare(String field, String text) {
    double share = share(field, text);
    if (share == 0 || share == 1) {
      throw new InvalidField(field, text, "must lie strictly between 0% and 100%");
    }
    return share;
  }

  /** 0.5pp is 0.005; 0 needs no unit. */
  public static double points(String field, String text) {
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

  /** 1.5, 1.5x and ×1.5 are 1.5; above 0. */
  public static double factor(String field, String text) {
    String bare = text.startsWith("×") ? text.substring(1) : text;
    String number = bare.endsWith("x") ? bare.substring(0, bare.length() - 1) : bare;
    if (!NUMBER.matcher(number).matches() || !(Double.parseDouble(number) > 0)) {
      throw new InvalidField(field, text, "must be a factor above 0, as in 1.5 or 1.5x");
    }
    return Double.parseDouble(number);
  }

  /** 40000, 40,000, 40k and 1.5M; at most 1e15. */
  public static long count(String field, String text) {
    Matcher matcher = COUNT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new InvalidField(field, text, "must be a count, as in 40000, 40k or 1.5M");
    }
    double unit =
        switch (matcher.group(2)) {
          case "k" -> 1e3;
          case "M" -> 1e6;
          default -> 1;
        };
    double value = Double.parseDouble(matcher.group(1).replace(",", "")) * unit;
    if (value > 1e15) {
      throw new InvalidField(field, text, "must be at most 1e15");
    }
    return Math.round(value);
  }

  /** A number without a unit. */
  public static double number(String field, String text) {
    if (!NUMBER.matcher(text).matches()) {
      throw new InvalidField(field, text, "must be a number");
    }
    return Double.parseDouble(text);
  }

  /** A number without a unit that is at least {@code least}. */
  public static double atLeast(String field, String text, double least) {
    double value = number(field, text);
    if (!(value >= least)) {
      throw new InvalidField(field, text, "must be at least " + decimal(least));
    }
    return value;
  }

  private static BigDecimal exactRatio(String field, String text) {
    boolean percent = text.endsWith("%");
    String number = percent ? text.substring(0, text.length() - 1).strip() : text;
    if (!NUMBER.matcher(number).matches()) {
      throw new InvalidField(field, text, "must be a percentage or a ratio, as in 0.2 or 20%");
    }
    BigDecimal value = new BigDecimal(number);
    if (percent) {
      return value.movePointLeft(2);
    }
    boolean whole = WHOLE.matcher(number).matches() && value.signum() != 0;
    if (whole || value.abs().compareTo(BigDecimal.ONE) > 0) {
      throw new InvalidField(
          field, text, "is not a percentage; write " + number + '%' + ", or a ratio such as 0.05");
    }
    return value;
  }
}
