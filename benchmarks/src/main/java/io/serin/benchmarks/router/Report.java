package io.serin.benchmarks.router;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;

/** The figures of a run, as a table and as JSON. Ratios are to nginx's plain split. */
final class Report {

  private static final String FLOOR = "direct";
  private static final String REFERENCE = "nginx";

  private final Map<Scenario, Map<String, Figures>> results;

  Report(Map<Scenario, Map<String, Figures>> results) {
    this.results = results;
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
                      "of nginx"));
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
                          floor == null
                              ? "-"
                              : number(figures.micros(quantile) - floor.micros(quantile)),
                          number(figures.perSecond()),
                          number(figures.cpuMicros()),
                          number(figures.residentMiB()),
                          scenario.stream()
                              ? Long.toString(figures.stalls())
                              : nginx == null
                                  ? "-"
                                  : String.format(
                                      Locale.ROOT,
                                      "%.2f",
                                      figures.perSecond() / nginx.perSecond()))));
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
    return text.toString();
  }

  String json() throws JsonProcessingException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("valid", valid());
    root.put("processors", Runtime.getRuntime().availableProcessors());
    var list = root.putArray("results");
    results.forEach(
        (scenario, peers) ->
            peers.forEach(
                (name, figures) ->
                    list.addObject()
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
