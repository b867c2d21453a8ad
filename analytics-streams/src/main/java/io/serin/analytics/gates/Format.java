package io.serin.analytics.gates;

import java.util.Locale;

/** Numbers as people read them. */
public final class Format {
  private Format() {}

  /** Two units at most: "3 h 10 min", "12 d", "45 s". */
  public static String duration(double millis) {
    if (Double.isInfinite(millis) || Double.isNaN(millis)) {
      return "forever";
    }
    long seconds = Math.max(1, Math.round(millis / 1_000));
    long[] sizes = {86_400, 3_600, 60, 1};
    String[] names = {"d", "h", "min", "s"};
    for (int i = 0; i < sizes.length; i++) {
      if (seconds >= sizes[i]) {
        long whole = seconds / sizes[i];
        long rest = i + 1 < sizes.length ? seconds % sizes[i] / sizes[i + 1] : 0;
        return whole + " " + names[i] + (rest == 0 ? "" : " " + rest + " " + names[i + 1]);
      }
    }
    return "1 s";
  }

  public static String duration(long millis) {
    return duration((double) millis);
  }

  /** Three digits that matter: 12,400. */
  public static String about(double number) {
    double step = Math.pow(10, Math.max(0, Math.floor(Math.log10(Math.max(1, number))) - 2));
    return String.format(Locale.ROOT, "%,.0f", Math.ceil(number / step) * step);
  }
}
