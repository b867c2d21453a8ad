package io.serin.simulation;

/**
 * One number that a simulation found, and what it must lie between.
 *
 * @param name what it is
 * @param value the number
 * @param standardError of the number over runs; 0 where it is exact
 * @param low smallest value that holds; −∞ where any does
 * @param high largest value that holds, standard errors allowed for; ∞ where any does
 */
public record Figure(String name, double value, double standardError, double low, double high) {
  /** A number for the reader: any value holds. */
  public static Figure shown(String name, double value, double standardError) {
    return new Figure(
        name, value, standardError, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  /** A share of runs that must not exceed {@code most} by more than two standard errors. */
  public static Figure atMost(String name, long hits, long runs, double most) {
    double error = Math.sqrt(most * (1 - most) / runs);
    return new Figure(name, (double) hits / runs, error(hits, runs), 0, most + 2 * error);
  }

  /** As {@link #atMost}, and above 0: a test that never fires proves nothing. */
  public static Figure aboveZeroAtMost(String name, long hits, long runs, double most) {
    Figure figure = atMost(name, hits, runs, most);
    return new Figure(name, figure.value, figure.standardError, Double.MIN_VALUE, figure.high);
  }

  /** A share of runs that must not fall short of {@code least} by more than two standard errors. */
  public static Figure atLeast(String name, long hits, long runs, double least) {
    double error = Math.sqrt(least * (1 - least) / runs);
    return new Figure(name, (double) hits / runs, error(hits, runs), least - 2 * error, 1);
  }

  /** A share of runs for the reader. */
  public static Figure share(String name, long hits, long runs) {
    return shown(name, (double) hits / runs, error(hits, runs));
  }

  /** A mean over runs that must not exceed {@code most}. */
  public static Figure mean(String name, double[] values, double scale, double most) {
    double sum = 0;
    double squares = 0;
    for (double value : values) {
      sum += value / scale;
      squares += value / scale * (value / scale);
    }
    double mean = sum / values.length;
    double variance = Math.max(0, squares / values.length - mean * mean);
    return new Figure(
        name, mean, Math.sqrt(variance / values.length), Double.NEGATIVE_INFINITY, most);
  }

  private static double error(long hits, long runs) {
    double share = (double) hits / runs;
    return Math.sqrt(share * (1 - share) / runs);
  }

  /** Whether the number is what it must be. */
  public boolean holds() {
    return value >= low && value <= high;
  }

  /** Whether anything is asked of it. */
  public boolean judged() {
    return low != Double.NEGATIVE_INFINITY || high != Double.POSITIVE_INFINITY;
  }
}
