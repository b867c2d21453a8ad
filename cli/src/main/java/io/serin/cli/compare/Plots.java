package io.serin.cli.compare;

import io.serin.comparison.ComparedMetric;
import io.serin.comparison.Conclusion;
import io.serin.comparison.Estimate;
import io.serin.comparison.PairDifference;
import io.serin.comparison.TestedMetric;
import io.serin.report.Svg;
import java.util.List;
import java.util.Locale;

/** Pure: the report's plots as SVG that takes its colours from the page. */
final class Plots {
  private static final int WIDTH = 720;
  private static final int LABEL = 190;
  private static final int ROW = 24;
  private static final int SIDE = 380;
  private static final int LEFT = 52;

  private Plots() {}

  /** Effects with their intervals, one a row; a line where nothing differs. */
  static String forest(List<TestedMetric> findings, boolean segments) {
    ComparedMetric.Kind kind = findings.getFirst().estimate().metric().kind();
    int label = segments ? LABEL + 70 : LABEL;
    double most = 0;
    for (TestedMetric each : findings) {
      Estimate e = each.estimate();
      most = Math.max(most, Math.max(Math.abs(at(e, e.low())), Math.abs(at(e, e.high()))));
    }
    most =
        kind == ComparedMetric.Kind.EVENT
            ? Math.max(0.02, Math.min(1, most))
            : Math.clamp(most, 0.1, 3);
    int height = ROW * findings.size() + 34;
    Svg svg = new Svg(WIDTH, height);
    for (double tick : new double[] {-most, -most / 2, 0, most / 2, most}) {
      double x = x(tick, most, label);
      svg.line(Svg.css(tick == 0 ? "zero" : "grid"), x, 4, x, height - 26);
      svg.text(Svg.css("tick"), x, height - 10, tick(kind, tick));
    }
    int row = 0;
    for (TestedMetric each : findings) {
      row(svg, each, segments, most, label, row++);
    }
    return svg.inline("differences with their intervals");
  }

  private static void row(
      Svg svg, TestedMetric finding, boolean segments, double most, int label, int row) {
    Estimate e = finding.estimate();
    double y = 14 + ROW * row;
    String name = segments ? finding.segment() + " · " + e.metric().id() : e.metric().id();
    double low = x(Math.max(-most, at(e, e.low())), most, label);
    double high = x(Math.min(most, at(e, e.high())), most, label);
    double mid = x(Math.clamp(at(e, e.effect()), -most, most), most, label);
    svg.text(Svg.css("row"), label - 10, y + 4, name)
        .group(Svg.css(css(finding.verdict())), name + ": " + CompareText.effect(e))
        .line("", low, y, high, y)
        .dot("", mid, y, 4.5)
        .endGroup();
  }

  /** Each pair's lengths, control across and the candidate up, both by their logarithm. */
  static String lengths(List<PairDifference> differences) {
    double most = 10;
    for (PairDifference each : differences) {
      most = Math.max(most, Math.max(length(each, false), length(each, true)));
    }
    double top = Math.log10(most) * 1.02;
    Svg svg = new Svg(SIDE, SIDE);
    double base = SIDE - 34.0;
    double right = SIDE - 12.0;
    for (int power = 0; power <= top; power++) {
      double x = LEFT + power / top * (right - LEFT);
      double y = base - power / top * (base - 10);
      String label = String.format(Locale.ROOT, "%,.0f", Math.pow(10, power));
      svg.line(Svg.css("grid"), x, 10, x, base)
          .line(Svg.css("grid"), LEFT, y, right, y)
          .text(Svg.css("tick"), x, base + 15, label)
          .text(Svg.css("row"), LEFT - 4, y + 4, label);
    }
    svg.line(Svg.css("zero"), LEFT, base, right, 10);
    for (PairDifference each : differences) {
      if (length(each, false) > 0 && length(each, true) > 0) {
        svg.dot(
            Svg.css("dot"),
            LEFT + Math.log10(length(each, false)) / top * (right - LEFT),
            base - Math.log10(length(each, true)) / top * (base - 10),
            2);
      }
    }
    return svg.text(
            Svg.css("tick"), SIDE / 2.0 + 14, SIDE - 4, "control, characters (candidate upwards)")
        .inline("length of both answers");
  }

  /** How many pairs have which length ratio. */
  static String ratios(List<PairDifference> differences) {
    double[] edges = {-3, -2, -1.5, -1, -0.5, -0.25, 0.25, 0.5, 1, 1.5, 2, 3};
    int[] counts = new int[edges.length + 1];
    int most = 1;
    for (PairDifference each : differences) {
      if (length(each, false) > 0 && length(each, true) > 0) {
        double log = Math.log(length(each, true) / length(each, false)) / Math.log(2);
        int bin = 0;
        while (bin < edges.length && log >= edges[bin]) {
          bin++;
        }
        most = Math.max(most, ++counts[bin]);
      }
    }
    Svg svg = new Svg(SIDE, SIDE);
    double width = (SIDE - 52.0) / counts.length;
    double base = SIDE - 48.0;
    for (int i = 0; i < counts.length; i++) {
      double height = (base - 24) * counts[i] / most;
      double x = 40 + i * width;
      String kind = i == edges.length / 2 ? "same" : i < edges.length / 2 ? "less" : "more";
      svg.rectangle(Svg.css(kind), x + 1, base - height, width - 2, height);
      if (counts[i] > 0) {
        svg.text(Svg.css("tick"), x + width / 2, base - height - 4, String.valueOf(counts[i]));
      }
      if (i < edges.length) {
        svg.text(Svg.css("tick small"), x + width, base + 14, "×" + factor(edges[i]));
      }
    }
    return svg.text(
            Svg.css("tick"), SIDE / 2.0 + 14, SIDE - 12, "candidate's length over control's")
        .inline("length ratio, pairs");
  }

  private static String factor(double log2) {
    double factor = Math.pow(2, log2);
    return factor < 0.2
        ? String.format(Locale.ROOT, "%.2f", factor).substring(1)
        : factor < 1
            ? String.format(Locale.ROOT, "%.1f", factor).substring(1)
            : String.format(Locale.ROOT, factor < 2 ? "%.1f" : "%.0f", factor);
  }

  private static double length(PairDifference each, boolean ofCandidate) {
    String text = (ofCandidate ? each.pair().candidate() : each.pair().control()).text();
    return text == null ? 0 : text.length();
  }

  private static double at(Estimate e, double effect) {
    return e.metric().kind() == ComparedMetric.Kind.EVENT ? effect : Math.log(effect);
  }

  private static double x(double value, double most, int label) {
    return label + (WIDTH - label - 24) * (value + most) / (2 * most);
  }

  private static String tick(ComparedMetric.Kind kind, double tick) {
    if (kind == ComparedMetric.Kind.EVENT && tick == 0) {
      return "0";
    }
    return kind == ComparedMetric.Kind.EVENT
        ? String.format(Locale.ROOT, "%+.1f pp", 100 * tick)
        : String.format(Locale.ROOT, "×%.2f", Math.exp(tick));
  }

  static String css(Conclusion verdict) {
    return switch (verdict) {
      case WORSE -> "worse";
      case BETTER -> "better";
      case DIFFERENT -> "different";
      case NOT_SHOWN -> "none";
    };
  }
}
