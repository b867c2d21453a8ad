package io.serin.cli.plan;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers as people write them: shares ("1%", 0.01), points ("0.5pp"), counts ("40000", "40,000",
 * "1.5M"), factors ("1.5", "1.5x", "×1.5").
 */
public final class Quantity {
  private static final Pattern NUMBER =
      Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]{1,2})?");
  private static final Pattern COUNT =
      Pattern.compile("([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+(?:\\.[0-9]+)?)\\s*([kM]?)");

  private Quantity() {}

  /** 1% and 0.01 are 0.01; strictly between 0 and 1. */
  public static double share(String name, String text) {
    double value = number(name, text, "%", 0.01, "a share, as in 1% or 0.01");
    return within(name, text, value, value > 0 && value < 1, "must lie strictly between 0 and 1");
  }

  /** 0.5pp and 0.005 are 0.005; at least 0, below 1. */
  public static double points(String name, String text) {
    double value = number(name, text, "pp", 0.01, "points, as in 0.5pp");
    return within(name, text, value, value >= 0 && value < 1, "must lie between 0pp and 100pp");
  }

  /** 1.5, 1.5x and ×1.5 are 1.5; above 0. */
  public static double factor(String name, String text) {
    String bare = text.startsWith("×") ? text.substring(1) : text;
    double value = number(name, bare, "x", 1, "a factor, as in 1.5 or 1.5x");
    return within(name, text, value, value > 0, "must be above 0");
  }

  /** A number that is at least {@code least}. */
  public static double atLeast(String name, String text, double least) {
    double value = number(name, text, "", 1, "a number");
    return within(name, text, value, value >= least, "must be at least " + plain(least));
  }

  /** 40000, 40,000, 40k and 1.5M. */
  public static long count(String name, String text) {
    Matcher matcher = COUNT.matcher(text.strip());
    if (!matcher.matches()) {
      throw wrong(name, text, "must be a count, as in 40000, 40k or 1.5M");
    }
    double unit = matcher.group(2).equals("k") ? 1e3 : matcher.group(2).equals("M") ? 1e6 : 1;
    double value = Double.parseDouble(matcher.group(1).replace(",", "")) * unit;
    within(name, text, value, value <= 1e15, "is too large");
    return Math.round(value);
  }

  /** What is wrong, with name, value and rule. */
  public static IllegalArgumentException wrong(String name, Object value, String rule) {
    return new IllegalArgumentException(name + " is " + value + ": it " + rule);
  }

  private static double within(String name, String text, double value, boolean holds, String rule) {
    if (!holds) {
      throw wrong(name, text, rule);
    }
    return value;
  }

  private static double number(String name, String text, String unit, double scale, String what) {
    String stripped = text.strip();
    boolean has = !unit.isEmpty() && stripped.endsWith(unit);
    String bare = has ? stripped.substring(0, stripped.length() - unit.length()).strip() : stripped;
    if (!NUMBER.matcher(bare).matches()) {
      throw wrong(name, text, "must be " + what);
    }
    return Double.parseDouble(bare) * (has ? scale : 1);
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
