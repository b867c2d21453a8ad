package io.serin.cli.simulate;

import io.serin.report.Numbers;
import io.serin.report.Svg;
import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import java.util.List;
import java.util.Locale;

/** Each figure with two standard errors, on a scale of its own, before the range it must lie in. */
final class ReportPlot {
  private static final double WIDTH = 980;
  private static final double ROW = 24;
  private static final double LEFT = 470;
  private static final double LONG = 260;
  private static final String INK = Palette.INK;
  private static final String PALE = Palette.PALE;
  private static final String RANGE = "#d8ecdd";
  private static final String HOLDS = "#1b7a43";
  private static final String FAILS = "#c1121f";

  private ReportPlot() {}

  static String svg(List<Report> reports) {
    long rows = reports.stream().mapToLong(r -> r.figures().size()).sum();
    Svg svg = new Svg(WIDTH, 40 + ROW * rows + 66.0 * reports.size());
    double y = 34;
    for (Report report : reports) {
      svg.text(Palette.heading(16), 30, y, report.scenario());
      svg.text(
          Svg.fill(PALE),
          30,
          y + 19,
          report.question()
              + String.format(Locale.ROOT, " (seed %d, %,d runs)", report.seed(), report.runs()));
      y += 44;
      for (Figure figure : report.figures()) {
        row(svg, y, figure);
        y += ROW;
      }
      y += 22;
    }
    return svg.document("Serin's simulations: " + reports.getFirst().scenario());
  }

  private static void row(Svg svg, double y, Figure figure) {
    boolean bounded = figure.high() < Double.MAX_VALUE;
    boolean floor = figure.low() > -Double.MAX_VALUE && figure.low() > Double.MIN_VALUE;
    double most =
        1.15
            * Math.max(
                Math.max(figure.value() + 2 * figure.standardError(), bounded ? figure.high() : 0),
                floor ? figure.low() : 0);
    double scale = LONG / Math.max(most, 1e-9);
    svg.rectangle(Svg.fill("#f2f4f6"), LEFT, y - 9, LONG, 12);
    if (figure.judged()) {
      double from = floor ? figure.low() : 0;
      double to = bounded ? figure.high() : most;
      svg.rectangle(Svg.fill(RANGE), LEFT + scale * from, y - 9, scale * (to - from), 12);
    }
    double x = LEFT + scale * Math.max(0, figure.value());
    String colour = !figure.judged() ? PALE : figure.holds() ? HOLDS : FAILS;
    double error = 2 * scale * figure.standardError();
    svg.line(Svg.stroke(colour, 1.6), Math.max(LEFT, x - error), y - 3, x + error, y - 3);
    svg.dot(Svg.fill(colour), x, y - 3, 4.2);
    svg.text(Svg.fill(INK), 30, y, figure.name());
    svg.text(Svg.fill(INK), LEFT + LONG + 14, y, value(figure));
    svg.text(Palette.text("start", 11, colour), LEFT + LONG + 150, y, rule(figure, bounded, floor));
  }

  private static String value(Figure figure) {
    return figure.standardError() > 0
        ? Numbers.number(figure.value()) + " ± " + Numbers.number(figure.standardError())
        : Numbers.number(figure.value());
  }

  private static String rule(Figure figure, boolean bounded, boolean floor) {
    if (!figure.judged()) {
      return "";
    }
    String must = floor ? "≥ " + Numbers.number(figure.low()) : "";
    boolean share = floor && figure.high() == 1;
    String most = bounded && !share ? "≤ " + Numbers.number(figure.high()) : "";
    return (must + " " + most).strip() + (figure.holds() ? "" : " FAILS");
  }
}
