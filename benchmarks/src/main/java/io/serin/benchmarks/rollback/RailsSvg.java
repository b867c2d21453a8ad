package io.serin.benchmarks.rollback;

import java.util.Locale;
import java.util.Map;

/** Times as bars: the median filled, the 95th percentile beside it. */
final class RailsSvg {

  private static final int WIDTH = 900;
  private static final int LEFT = 180;
  private static final int ROW = 30;

  private RailsSvg() {}

  static String of(Map<String, Times> times) {
    double most =
        times.values().stream().mapToDouble(Times::p95).filter(Double::isFinite).max().orElse(1);
    StringBuilder body = new StringBuilder();
    int y = 66;
    for (Map.Entry<String, Times> each : times.entrySet()) {
      Times time = each.getValue();
      double scale = (WIDTH - LEFT - 160) / most;
      String color = each.getKey().equals("undisturbed") ? "#0b7a75" : "#b8c4ce";
      body.append(
          String.format(
              Locale.ROOT,
              """
              <text x="20" y="%d">%s</text>
              <rect x="%d" y="%d" width="%.1f" height="18" rx="2" fill="%s"/>
              <line x1="%d" x2="%.1f" y1="%d" y2="%d" stroke="#555"/>
              <text x="%.1f" y="%d" fill="#333">%.0f, %.0f ms (n %d)</text>
              """,
              y + 13,
              each.getKey(),
              LEFT,
              y,
              Math.max(1, scale * time.p50()),
              color,
              LEFT,
              LEFT + scale * time.p95(),
              y + 9,
              y + 9,
              LEFT + scale * time.p95() + 8,
              y + 13,
              time.p50(),
              time.p95(),
              time.n()));
      y += ROW;
    }
    return """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="12">
    <rect width="100%%" height="100%%" fill="#fff"/>
    <text x="20" y="28" font-size="18" font-weight="600">From a candidate's first bad answer to its last, on any router</text>
    <text x="20" y="48" fill="#555">bar: p50; line: p95; while one other rollout on the stack fails as named</text>
    %s</svg>
    """
        .formatted(WIDTH, y + 10, body);
  }
}
