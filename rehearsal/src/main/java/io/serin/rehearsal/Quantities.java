package io.serin.rehearsal;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the quantities of the command line. Every failure is an {@link IllegalArgumentException}
 * that names the setting, the value and the rule.
 */
public final class Quantities {

  private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h)");
  private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d+)?");

  private Quantities() {}

  /** Reads {@code 250ms}, {@code 1.5s}, {@code 2m} or {@code 1h}. */
  public static Duration duration(String setting, String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw bad(setting, text, "a number with ms, s, m or h, such as 20s");
    }
    double number = Double.parseDouble(matcher.group(1));
    double millis =
        switch (matcher.group(2)) {
          case "ms" -> number;
          case "s" -> number * 1_000;
          case "m" -> number * 60_000;
          default -> number * 3_600_000;
        };
    if (millis > 1e12) {
      throw bad(setting, text, "at most 1e12 ms");
    }
    return Duration.ofNanos(Math.round(millis * 1e6));
  }

  /** Reads {@code 30%} or {@code 0.3}: more than 0, at most 1. */
  public static double share(String setting, String text) {
    double share = shareOrNone(setting, text);
    if (share == 0) {
      throw bad(setting, text, "more than 0%");
    }
    return share;
  }

  /** Reads {@code 30%} or {@code 0.3}: from 0 to 1. */
  public static double shareOrNone(String setting, String text) {
    boolean percent = text.endsWith("%");
    String digits = percent ? text.substring(0, text.length() - 1) : text;
    if (!NUMBER.matcher(digits).matches()) {
      throw bad(setting, text, "a share such as 30% or 0.3");
    }
    double share = Double.parseDouble(digits) / (percent ? 100 : 1);
    if (share > 1) {
      throw bad(setting, text, "at most 100%");
    }
    return share;
  }

  /** Reads {@code 1.5x} or {@code 1.5}: more than 0. */
  public static double factor(String setting, String text) {
    String digits = text.endsWith("x") ? text.substring(0, text.length() - 1) : text;
    if (!NUMBER.matcher(digits).matches() || Double.parseDouble(digits) == 0) {
      throw bad(setting, text, "a factor more than 0, such as 1.5x");
    }
    return Double.parseDouble(digits);
  }

  /** Reads a number of at least 0 without a unit. */
  public static double number(String setting, String text) {
    if (!NUMBER.matcher(text).matches()) {
      throw bad(setting, text, "a number of at least 0");
    }
    return Double.parseDouble(text);
  }

  /** Writes a duration as {@link #duration} reads it: {@code 850ms}, {@code 20s}. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1_000) {
      return millis + "ms";
    }
    return trim(millis / 1e3) + "s";
  }

  /** Writes a share as a percentage without needless digits: {@code 30%}, {@code 2.5%}. */
  public static String percent(double share) {
    return trim(share * 100) + "%";
  }

  static String trim(double value) {
    String text = String.format(Locale.ROOT, "%.3f", value);
    return text.replaceAll("\\.?0+$", "");
  }

  static IllegalArgumentException bad(String setting, String value, String rule) {
    return new IllegalArgumentException(setting + ": '" + value + "' must be " + rule);
  }
}
