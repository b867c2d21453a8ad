package io.serin.simulation;

import java.util.List;
import java.util.Locale;

/** What a scenario found. */
public record Report(String scenario, String question, long seed, int runs, List<Figure> figures) {
  public Report {
    figures = List.copyOf(figures);
  }

  /** Whether every figure is what it must be. */
  public boolean holds() {
    return figures.stream().allMatch(Figure::holds);
  }

  /** As lines for a person. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(Locale.ROOT, "%s (seed %d, %d runs): %s%n", scenario, seed, runs, question));
    for (Figure f : figures) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-58s %12.4f ± %-8.4f %s%n",
              f.name(),
              f.value(),
              f.standardError(),
              f.judged() ? (f.holds() ? "holds " : "FAILS ") + range(f) : ""));
    }
    return text.toString();
  }

  private static String range(Figure f) {
    if (f.low() == Double.NEGATIVE_INFINITY) {
      return String.format(Locale.ROOT, "(≤ %.4g)", f.high());
    }
    return f.low() == Double.MIN_VALUE
        ? String.format(Locale.ROOT, "(above 0, ≤ %.4g)", f.high())
        : String.format(Locale.ROOT, "(%.4g … %.4g)", f.low(), f.high());
  }
}
