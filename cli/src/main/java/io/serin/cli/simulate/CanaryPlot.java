package io.serin.cli.simulate;

import io.serin.report.Numbers;
import io.serin.report.Svg;
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
  private static final String INK = Palette.INK;
  private static final String PALE = Palette.PALE;
  private static final double WIDTH = 980;
  private static final double HEIGHT = 540;
  private static final double PANEL = 400;
  private static final double TOP = 96;
  private static final double DEPTH = 280;
  private static final int STEPS = 400;

  private CanaryPlot() {}

  static String svg(ScenarioFile file, CanaryReport report) {
    Svg svg = new Svg(WIDTH, HEIGHT);
    svg.text(Palette.heading(18), 60, 34, file.name());
    svg.text(
        Palette.text("start", 12.5, PALE), 60, 56, SimulateText.truth(file) + subtitle(report));
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
    svg.text(Palette.text("start", 13.5, INK), left, TOP - 14, title);
    for (int percent = 0; percent <= 100; percent += 25) {
      double y = bottom - DEPTH * percent / 100;
      svg.line(Svg.stroke(Palette.GRID, 1), left, y, left + PANEL, y);
      svg.text(Palette.text("end", 11, PALE), left - 8, y + 4, percent + " %");
    }
    double tick = tick(most);
    for (double at = 0; at <= most * 1.0001; at += tick) {
      double x = left + PANEL * at / most;
      svg.line(Svg.stroke(PALE, 1), x, bottom, x, bottom + 4);
      svg.text(
          Palette.text("middle", 11, PALE),
          x,
          bottom + 18,
          String.format(Locale.ROOT, "%,.0f", at));
    }
    svg.text(
        Palette.text("middle", 11.5, PALE),
        left + PANEL / 2,
        bottom + 36,
        left < 100 ? "requests" : "requests from the fault on");
    for (int m = methods.size() - 1; m >= 0; m--) {
      StringBuilder points = new StringBuilder();
      for (int i = 0; i <= STEPS; i++) {
        double at = most * i / STEPS;
        points.append(
            String.format(
                Locale.ROOT,
                i == 0 ? "M%.1f %.1f" : " L%.1f %.1f",
                left + PANEL * i / STEPS,
                bottom - DEPTH * share.applyAsDouble(methods.get(m), at)));
      }
      svg.path(
          "fill=\"none\" stroke-linejoin=\"round\" " + Svg.stroke(COLOURS[m], m == 0 ? 3 : 2),
          points);
    }
    svg.line(Svg.stroke(PALE, 1), left, bottom, left + PANEL, bottom);
  }

  private static void limit(Svg svg, double most, double limit) {
    if (limit < most) {
      double x = 540 + PANEL * limit / most;
      svg.line(Svg.stroke(INK, 1.2) + " stroke-dasharray=\"4 4\"", x, TOP - 22, x, TOP + DEPTH);
      boolean right = x > 540 + PANEL * 0.6;
      svg.text(
          Palette.text(right ? "end" : "start", 11, INK),
          x + (right ? -6 : 6),
          TOP - 14,
          String.format(Locale.ROOT, "limit of any test %,.0f", limit));
    }
  }

  private static void legend(Svg svg, CanaryReport report) {
    for (int m = 0; m < report.methods().size(); m++) {
      Method method = report.methods().get(m);
      double x = 60;
      double y = TOP + DEPTH + 68 + 24 * m;
      svg.line(Svg.stroke(COLOURS[m], m == 0 ? 4 : 3), x, y - 4, x + 22, y - 4);
      svg.text(
          Palette.text("start", 12.5, INK),
          x + 30,
          y,
          method.name()
              + ": "
              + Numbers.percent(method.falseAlarms())
              + " falsely, "
              + Numbers.percent(method.power())
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
