package io.serin.report;

import java.util.Locale;

/** Numbers as texts and tables show them: with a point, without zeros at their end. */
public final class Numbers {

  private Numbers() {}

  /** Up to four decimals. */
  public static String number(double value) {
    String digits = String.format(Locale.ROOT, "%.4f", value);
    return digits.replaceAll("0+$", "").replaceAll("\\.$", "");
  }

  /** A share of 1 in percent, up to two decimals: "12.5 %". */
  public static String percent(double share) {
    return number(Math.round(share * 1e4) / 1e2) + " %";
  }

  /** A difference of two shares in percentage points, up to two decimals. */
  public static String points(double share) {
    return number(Math.round(share * 1e4) / 1e2) + " pp";
  }
}
