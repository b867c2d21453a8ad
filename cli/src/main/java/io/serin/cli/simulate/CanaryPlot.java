package io.serin.cli.simulate;

import io.serin.simulation.canary.CanaryReport;
import io.serin.simulation.canary.CanaryReport.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleBiFunction;

/**
 * Share of runs in which each method had rolled back by a request: a healthy candidate at the left,
 * the faulty one at the right.
 */
final class CanaryPlot {
  private static final String[] COLOURS = {"#0b6e99", "#d1495b", "#c28a00", "#5b8c5a"};
  private static final double WIDTH = 980;
  private static final double HEIGHT = 540;
  private static final double PANEL = 400;
  private static final double TOP = 96;
  private static final double DEPTH = 280;
  private static final int STEPS = 400;

  private CanaryPlot() {}

  static String svg(ScenarioFile file, CanaryReport report) {
    Svg svg = new Svg(WIDTH, HEIGHT);
    svg.heading(60, 34, 18, file.name());
    svg.text(60, 56, "start", 12.5, Svg.PALE, SimulateText.truth(file) + subtitle(report));
    double all = file.canary().requests();
    double after = all - file.canary().faultFrom();
    panel(
        svg,
        60,
        "Healthy candidate: rolled back falsely",
        all,
        report.methods(),
        Method::healthyBy);
    panel(
        svg,
        540,
        "Faulty candidate: found",
        axis(after, report),
        report.methods(),
        Method::foundBy);
    limit(svg, axis(after, report), report.limit());
    legend(svg, report);
    return svg.document(file.name());
  }

  private static String subtitle(CanaryReport report) {
    return String.format(
        Locale.ROOT, "; %,d runs of each kind, seed %d", report.runs(), report.seed());
  }

  /** Where nearly all that is found has been found, rounded up to a tick. */
  private static double axis(double after, CanaryReport report) {
    double last =
        report.methods().stream()
            .mapToDouble(m -> m.quantile(Math.max(0.01, 0.99 * m.power())))
            .filter(Double::isFinite)
            .max()
            .orElse(after);
    double shown = Math.max(last, report.limit() < after ? report.limit() : 0) * 1.15;
    double tick = tick(Math.min(shown, after));
    return Math.min(after, Math.ceil(shown / tick) * tick);
  }

  private static void panel(
      Svg svg,
      double left,
      String title,
      double most,
      List<Method> methods,
      ToDoubleBiFunction<Method, Double> share) {
    double bottom = TOP + DEPTH;
    svg.text(left, TOP - 14, "start", 13.5, Svg.INK, title);
    for (int percent = 0; percent <= 100; percent += 25) {
      double y = bottom - DEPTH * percent / 100;
      svg.line(left, y, left + PANEL, y, Svg.GRID, 1, "");
      svg.text(left - 8, y + 4, "end", 11, Svg.PALE, percent + " %");
    }
    double tick = tick(most);
    for (double at = 0; at <= most * 1.0001; at += tick) {
      double x = left + PANEL * at / most;
      svg.line(x, bottom, x, bottom + 4, Svg.PALE, 1, "");
      svg.text(x, bottom + 18, "middle", 11, Svg.PALE, String.format(Locale.ROOT, "%,.0f", at));
    }
    svg.text(
        left + PANEL / 2,
        bottom + 36,
        "middle",
        11.5,
        Svg.PALE,
        left < 100 ? "requests" : "requests from the fault on");
    for (int m = methods.size() - 1; m >= 0; m--) {
      StringBuilder points = new StringBuilder();
      for (int i = 0; i <= STEPS; i++) {
        double at = most * i / STEPS;
        points.append(
            String.format(
                Locale.ROOT,
                "%.1f,%.1f ",
                left + PANEL * i / STEPS,
                bottom - DEPTH * share.applyAsDouble(methods.get(m), at)));
      }
      svg.path(points.toString().strip(), COLOURS[m], m == 0 ? 3 : 2);
    }
    svg.line(left, bottom, left + PANEL, bottom, Svg.PALE, 1, "");
  }

  private static void limit(Svg svg, double most, double limit) {
    if (limit < most) {
      double x = 540 + PANEL * limit / most;
      svg.line(x, TOP - 22, x, TOP + DEPTH, Svg.INK, 1.2, "4 4");
      boolean right = x > 540 + PANEL * 0.6;
      svg.text(
          x + (right ? -6 : 6),
          TOP - 14,
          right ? "end" : "start",
          11,
          Svg.INK,
          String.format(Locale.ROOT, "limit of any test %,.0f", limit));
    }
  }

  private static void legend(Svg svg, CanaryReport report) {
    for (int m = 0; m < report.methods().size(); m++) {
      Method method = report.methods().get(m);
      double x = 60;
      double y = TOP + DEPTH + 68 + 24 * m;
      svg.line(x, y - 4, x + 22, y - 4, COLOURS[m], m == 0 ? 4 : 3, "");
      svg.text(
          x + 30,
          y,
          "start",
          12.5,
          Svg.INK,
          method.name()
              + ": "
              + SimulateText.percent(method.falseAlarms())
              + " falsely, "
              + SimulateText.percent(method.power())
              + " found");
    }
  }

  private static double tick(double most) {
    double raw = most / 5;
    double power = Math.pow(10, Math.floor(Math.log10(Math.max(1, raw))));
    return power
        * Arrays.stream(new double[] {1, 2, 5, 10})
            .filter(f -> f * power >= raw)
            .findFirst()
            .orElse(10);
  }
}
