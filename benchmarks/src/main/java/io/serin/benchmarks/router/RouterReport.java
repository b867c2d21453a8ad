package io.serin.benchmarks.router;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The figures of a run, as a table and as JSON. Ratios are to nginx's plain split. */
final class RouterReport {

  private static final String FLOOR = "direct";
  private static final String REFERENCE = "nginx";

  private final Map<LoadScenario, Map<String, Figures>> results;
  private final double loadBefore;
  private final double loadAfter;

  /**
   * @param loadBefore the machine's load before the run
   * @param loadAfter and after it
   */
  RouterReport(
      Map<LoadScenario, Map<String, Figures>> results, double loadBefore, double loadAfter) {
    this.results = results;
    this.loadBefore = loadBefore;
    this.loadAfter = loadAfter;
  }

  /** Whether every request was answered. */
  boolean valid() {
    return results.values().stream()
        .flatMap(peers -> peers.values().stream())
        .allMatch(figures -> figures.failed() == 0);
  }

  String text() {
    StringBuilder text = new StringBuilder();
    results.forEach(
        (scenario, peers) -> {
          text.append('\n').append(scenario.text()).append('\n');
          text.append(
              scenario.stream()
                  ? line(
                      "", "TTFT p50", "p99 µs", "added p50", "streams/s", "CPU µs", "MiB", "stalls")
                  : line(
                      "",
                      "p50 µs",
                      "p99 µs",
                      "added p99",
                      "requests/s",
                      "CPU µs",
                      "MiB",
                      "of nginx",
                      "CPU/nginx"));
          Figures floor = peers.get(FLOOR);
          Figures nginx = peers.get(REFERENCE);
          double quantile = scenario.stream() ? 0.5 : 0.99;
          peers.forEach(
              (name, figures) ->
                  text.append(
                      line(
                          name,
                          number(figures.micros(0.5)),
                          number(figures.micros(0.99)),
                          floor == null ? "-" : number(figures.above(floor, quantile)),
                          number(figures.perSecond()),
                          number(figures.cpuMicros()),
                          number(figures.residentMiB()),
                          scenario.stream()
                              ? Long.toString(figures.stalls())
                              : nginx == null ? "-" : ratio(figures.ofPerSecond(nginx)),
                          scenario.stream() || nginx == null ? "" : ratio(figures.ofCpu(nginx)))));
        });
    results.forEach(
        (scenario, peers) ->
            peers.forEach(
                (name, figures) -> {
                  if (figures.failed() > 0) {
                    text.append(
                        "\nINVALID: %s, %s: %d requests failed, the first: %s%n"
                            .formatted(
                                scenario.text(), name, figures.failed(), figures.firstFailure()));
                  }
                }));
    text.append(goals());
    text.append(
        String.format(
            Locale.ROOT,
            "%nThe machine's load was %.1f before and %.1f after, on %d processors.%n",
            loadBefore,
            loadAfter,
            Runtime.getRuntime().availableProcessors()));
    return text.toString();
  }

  /** What is wanted of the router, and what was measured. */
  private String goals() {
    StringBuilder text = new StringBuilder();
    results.forEach(
        (scenario, peers) -> {
          Figures serin = peers.get("serin");
          Figures nginx = peers.get(REFERENCE);
          if (serin == null || nginx == null) {
            return;
          }
          if (scenario.stream()) {
            goal(
                text,
                "TTFT p50 above nginx's, µs",
                serin.above(nginx, 0.5),
                500,
                Double.NaN,
                false);
            goal(text, "memory at these streams, MiB", serin.residentMiB(), 256, Double.NaN, false);
          } else if (scenario.connections() == 1) {
            goal(text, "p99 above nginx's at 1, µs", serin.above(nginx, 0.99), 200, 1000, false);
          } else if (scenario.connections() == 64) {
            goal(text, "requests at 64, of nginx's", serin.ofPerSecond(nginx), 0.8, 0.5, true);
            goal(text, "CPU at 64, of nginx's", serin.ofCpu(nginx), 2.5, Double.NaN, false);
            against(text, serin, peers.get("nginx-mirror"), "nginx with mirror", 1, Double.NaN);
            against(text, serin, peers.get("portkey"), "Portkey's", 12, 8);
          }
        });
    return text.isEmpty() ? "" : "\nwhat is wanted of serin\n" + text;
  }

  private static void against(
      StringBuilder text,
      Figures serin,
      @Nullable Figures other,
      String name,
      double goal,
      double floor) {
    if (other != null) {
      goal(text, "requests at 64, of " + name, serin.ofPerSecond(other), goal, floor, true);
    }
  }

  private static void goal(
      StringBuilder text, String what, double got, double goal, double floor, boolean atLeast) {
    boolean met = atLeast ? got >= goal : got <= goal;
    boolean aboveFloor = !Double.isNaN(floor) && (atLeast ? got >= floor : got <= floor);
    text.append(
        String.format(
            Locale.ROOT,
            "  %-36s %10.2f   goal %s %-6s %s%n",
            what,
            got,
            atLeast ? "≥" : "≤",
            Double.toString(goal),
            met ? "met" : aboveFloor ? "floor met" : "missed"));
  }

  private static String ratio(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }

  String json() throws JsonProcessingException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("valid", valid());
    root.put("processors", Runtime.getRuntime().availableProcessors());
    root.put("loadBefore", loadBefore);
    root.put("loadAfter", loadAfter);
    var list = root.putArray("results");
    results.forEach(
        (scenario, peers) ->
            peers.forEach(
                (name, figures) ->
                    list.addObject()
                        .put("ofNginx", ofNginx(peers, figures::ofPerSecond))
                        .put("cpuOfNginx", ofNginx(peers, figures::ofCpu))
                        .put("peer", name)
                        .put("stream", scenario.stream())
                        .put("connections", scenario.connections())
                        .put("requestsPerSecond", figures.perSecond())
                        .put("p50Micros", figures.micros(0.5))
                        .put("p99Micros", figures.micros(0.99))
                        .put("cpuMicrosPerRequest", figures.cpuMicros())
                        .put("residentMiB", figures.residentMiB())
                        .put("stalls", figures.stalls())
                        .put("failed", figures.failed())));
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root);
  }

  private static @Nullable Double ofNginx(
      Map<String, Figures> peers, ToDoubleFunction<Figures> ratio) {
    Figures nginx = peers.get(REFERENCE);
    double value = nginx == null ? Double.NaN : ratio.applyAsDouble(nginx);
    return Double.isFinite(value) ? value : null;
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String line(String name, String... columns) {
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "  %-14s", name));
    for (String column : columns) {
      line.append(String.format(Locale.ROOT, "%12s", column));
    }
    return line.append('\n').toString();
  }
}
