package io.serin.benchmarks.router;

import io.serin.report.Svg;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The figures as bars: throughput, processor time and latency of each peer under each load. */
final class ReportSvg {

  private static final int WIDTH = 1000;
  private static final int BAR = 18;
  private static final int LEFT = 130;
  private static final int PANEL = (WIDTH - 20) / 3;

  private final Svg svg;
  private int y = 50;

  private ReportSvg(Svg svg) {
    this.svg = svg;
  }

  static String of(Map<LoadScenario, Map<String, Figures>> results) {
    int height = 60 + results.values().stream().mapToInt(ReportSvg::height).sum();
    ReportSvg report = new ReportSvg(new Svg(WIDTH, height));
    String title = "The router beside other proxies, one machine, one run";
    report.svg.text("font-size=\"18\" font-weight=\"600\"", 20, 28, title);
    results.forEach(report::scenario);
    return report.svg.document(title);
  }

  private static int height(Map<String, Figures> peers) {
    return 26 + 20 + peers.size() * (BAR + 4) + 22;
  }

  private void scenario(LoadScenario scenario, Map<String, Figures> peers) {
    svg.text("font-size=\"14\" font-weight=\"600\"", 20, y + 10, scenario.text());
    int top = y + 26;
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
    y += height(peers);
  }

  private void panel(
      int column, int top, Map<String, Figures> peers, String title, ToDoubleFunction<Figures> of) {
    int left = 20 + column * PANEL;
    svg.text(Svg.fill("#555"), left + (column == 0 ? LEFT - 30 : 0), top + 8, title);
    double most = peers.values().stream().mapToDouble(of).filter(Double::isFinite).max().orElse(1);
    int row = 0;
    int begin = left + (column == 0 ? LEFT - 30 : 0);
    int room = PANEL - (column == 0 ? LEFT - 30 : 0) - 80;
    for (Map.Entry<String, Figures> peer : peers.entrySet()) {
      int at = top + 16 + row * (BAR + 4);
      if (column == 0) {
        svg.text("", left, at + 13, peer.getKey());
      }
      double value = of.applyAsDouble(peer.getValue());
      if (Double.isFinite(value)) {
        double width = Math.max(1, room * Math.max(0, value) / most);
        String colour = peer.getKey().equals("serin") ? "#0b7a75" : "#b8c4ce";
        svg.rectangle("rx=\"2\" " + Svg.fill(colour), begin, at, width, BAR);
        svg.text(
            Svg.fill("#333"),
            begin + width + 6,
            at + 13,
            String.format(Locale.ROOT, "%,.0f", value));
      } else {
        svg.text(Svg.fill("#999"), begin, at + 13, "not measured");
      }
      row++;
    }
  }
}
