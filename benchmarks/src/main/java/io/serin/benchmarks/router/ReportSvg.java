package io.serin.benchmarks.router;

import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The figures as bars: throughput, processor time and latency of each peer under each load. */
final class ReportSvg {

  private static final int WIDTH = 1000;
  private static final int BAR = 18;
  private static final int LEFT = 130;
  private static final int PANEL = (WIDTH - 20) / 3;

  private final StringBuilder body = new StringBuilder();
  private int y = 50;

  private ReportSvg() {}

  static String of(Map<Scenario, Map<String, Figures>> results) {
    ReportSvg svg = new ReportSvg();
    results.forEach(svg::scenario);
    return """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="12">
    <rect width="100%%" height="100%%" fill="#fff"/>
    <text x="20" y="28" font-size="18" font-weight="600">The router beside other proxies, one machine, one run</text>
    %s</svg>
    """
        .formatted(WIDTH, svg.y + 10, svg.body);
  }

  private void scenario(Scenario scenario, Map<String, Figures> peers) {
    text(20, y + 10, scenario.text(), "font-weight=\"600\" font-size=\"14\"");
    y += 26;
    int top = y;
    panel(
        0,
        top,
        peers,
        scenario.stream() ? "streams a second" : "requests a second",
        Figures::perSecond);
    panel(1, top, peers, "processor µs a request", Figures::cpuMicros);
    panel(
        2,
        top,
        peers,
        scenario.stream() ? "time to first token p50, µs" : "latency p99, µs",
        figures -> figures.micros(scenario.stream() ? 0.5 : 0.99));
    y = top + 20 + peers.size() * (BAR + 4) + 22;
  }

  private void panel(
      int column, int top, Map<String, Figures> peers, String title, ToDoubleFunction<Figures> of) {
    int left = 20 + column * PANEL;
    text(left + (column == 0 ? LEFT - 30 : 0), top + 8, title, "fill=\"#555\"");
    double most = peers.values().stream().mapToDouble(of).filter(Double::isFinite).max().orElse(1);
    int row = 0;
    int begin = left + (column == 0 ? LEFT - 30 : 0);
    int room = PANEL - (column == 0 ? LEFT - 30 : 0) - 80;
    for (Map.Entry<String, Figures> peer : peers.entrySet()) {
      int at = top + 16 + row * (BAR + 4);
      if (column == 0) {
        text(left, at + 13, peer.getKey(), "");
      }
      double value = of.applyAsDouble(peer.getValue());
      if (Double.isFinite(value)) {
        double width = Math.max(1, room * Math.max(0, value) / most);
        body.append(
            String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>%n",
                begin,
                at,
                width,
                BAR,
                peer.getKey().equals("serin") ? "#0b7a75" : "#b8c4ce"));
        text(
            (int) (begin + width + 6),
            at + 13,
            String.format(Locale.ROOT, "%,.0f", value),
            "fill=\"#333\"");
      } else {
        text(begin, at + 13, "not measured", "fill=\"#999\"");
      }
      row++;
    }
  }

  private void text(int x, int at, String text, String attributes) {
    body.append("<text x=\"%d\" y=\"%d\" %s>%s</text>%n".formatted(x, at, attributes, text));
  }
}
