package io.serin.cli.simulate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.serin.cli.command.Terminal;
import io.serin.report.Ticker;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.value.InvalidField;
import io.serin.schemas.json.JsonText;
import io.serin.simulation.Report;
import io.serin.simulation.canary.CanaryReport;
import io.serin.simulation.canary.CanarySimulation;
import io.serin.simulation.scenario.RealValues;
import io.serin.simulation.scenario.Scenario;
import io.serin.simulation.scenario.Scenarios;
import io.serin.simulation.ugly.Trace;
import io.serin.simulation.ugly.UglyScenarios;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs simulations with known truth and prints what the guards do. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what the guards do where the truth is known: seeded simulations of what must hold, or"
          + " of your own canary beside a z-test, a threshold and a rank test. Without a scenario"
          + " it lists those there are.",
      "",
      "SCENARIO is a name of that list, all, ugly (every stream of traffic as it really is), real"
          + " (with --values), or a FILE (YAML or JSON; --example prints one)."
    },
    footer = {
      "",
      "Exit codes: 0 everything holds, 1 a figure is not what it must be, 2 wrong usage.",
      "",
      "Examples:",
      "  serin simulate                                  lists the scenarios",
      "  serin simulate detection                        requests to detection, over the"
          + " theoretical limit",
      "  serin simulate all --quick                      all of them with few runs, about a minute",
      "  serin simulate ugly --scenario cold-start --runs 20",
      "  serin simulate ugly --trace requests.csv        your own traffic, split at random",
      "  serin simulate --example > canary.yaml",
      "  serin simulate canary.yaml --plot canary.svg    your canary, judged by Serin and by"
          + " others",
      "  serin simulate real --values azure-llm-2023-conv.csv --field GeneratedTokens"
    })
public final class SimulateCommand implements Callable<Integer> {

  private static final int QUICK_CANARY = 50;

  @Mixin private Terminal terminal = new Terminal();

  @Parameters(
      arity = "0..1",
      paramLabel = "SCENARIO",
      description = "A name of the list, all, ugly, real, or a FILE.")
  private String wanted = "";

  @Option(
      names = "--example",
      description = "Prints a scenario file that works, every field explained.")
  private boolean example;

  @Option(names = "--scenario", paramLabel = "NAME", description = "With ugly: this stream alone.")
  private String stream = "";

  @Option(
      names = "--trace",
      paramLabel = "FILE.csv",
      description =
          "With ugly: your own requests instead, sorted by time; .gz too. Columns: at_ms, unit,"
              + " duration_ms, and where known failed (1 or 0) and first_ms.")
  private @Nullable Path trace;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "Runs instead of the scenario's own number.")
  private @Nullable Integer runs;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed instead of 1, or of the file's: the same seed, the same figures.")
  private @Nullable Long seed;

  @Option(names = "--quick", description = "Few runs: a minute for all scenarios, wider errors.")
  private boolean quick;

  @Option(names = "--json", description = "As one JSON value.")
  private boolean json;

  @Option(names = "--plot", paramLabel = "FILE.svg", description = "Draws the figures too.")
  private @Nullable Path plot;

  @Option(
      names = "--values",
      paramLabel = "FILE",
      description =
          "With real: recorded latencies or tokens, .csv with a header or JSON lines, .gz too.")
  private @Nullable Path values;

  @Option(
      names = "--field",
      paramLabel = "NAME",
      description = "With --values: the column or field; of a text its length is taken.")
  private String field = "";

  @Override
  public Integer call() throws IOException {
    if (runs != null && (runs < 1 || runs > 1_000_000)) {
      throw terminal.wrong(new InvalidField("--runs", runs, "must lie between 1 and 1,000,000"));
    }
    if (example) {
      terminal.print(ScenarioFile.EXAMPLE.stripTrailing());
      return 0;
    }
    if (wanted.isEmpty()) {
      terminal.print(
          json ? JsonText.indented(SimulateJson.list(listed())) : SimulateText.list(listed()));
      return 0;
    }
    List<Scenario> scenarios = scenarios();
    return scenarios.isEmpty() ? canary() : reports(scenarios);
  }

  private List<Scenario> scenarios() throws IOException {
    if (wanted.equals("all")) {
      return Scenarios.ALL;
    }
    if (wanted.equals("ugly")) {
      return ugly();
    }
    if (wanted.equals("real")) {
      if (values == null || field.isEmpty()) {
        throw terminal.wrong(
            new IllegalArgumentException(
                "real needs --values FILE and --field NAME: recorded values"));
      }
      try {
        return List.of(new RealValues(field, Values.read(values, field)));
      } catch (IllegalArgumentException e) {
        throw terminal.wrong(e);
      } catch (IOException e) {
        throw terminal.wrong(
            new InvalidField("--values", values, "must be a file that can be read (" + e + ")"));
      }
    }
    return named(wanted).map(List::of).orElse(List.of());
  }

  private int reports(List<Scenario> scenarios) throws IOException {
    List<Report> reports = new ArrayList<>();
    long from = seed == null ? 1 : seed;
    for (Scenario scenario : scenarios) {
      int number = runs != null ? runs : quick ? scenario.quickRuns() : scenario.fullRuns();
      String what =
          "%s, %,d runs (%d of %d)"
              .formatted(scenario.name(), number, reports.size() + 1, scenarios.size());
      Report report;
      try (Ticker ticker = Ticker.start(terminal.err(), what)) {
        report = scenario.run(from, number);
      }
      reports.add(report);
      if (!json) {
        terminal.print(report.text());
      }
    }
    if (json) {
      ArrayNode array = SimulateJson.reports(reports);
      terminal.print(JsonText.indented(scenarios.size() == 1 ? array.get(0) : array));
    }
    draw(ReportPlot.svg(reports));
    return reports.stream().allMatch(Report::holds) ? 0 : 1;
  }

  private int canary() throws IOException {
    Path path = Path.of(wanted);
    if (!Files.isRegularFile(path)) {
      throw terminal.wrong(
          new IllegalArgumentException(
              "SCENARIO is \""
                  + wanted
                  + "\": it must be all, ugly, real, a file, or one of "
                  + String.join(", ", listed().stream().map(Scenario::name).toList())));
    }
    ScenarioFile file;
    CanaryReport report;
    try {
      file = ScenarioFile.read(Files.readString(path, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException | RolloutFileException e) {
      throw terminal.wrong(new IllegalArgumentException(path + ": " + e.getMessage(), e));
    }
    int number = runs != null ? runs : quick ? Math.min(QUICK_CANARY, file.runs()) : file.runs();
    try (Ticker ticker = Ticker.start(terminal.err(), file.name())) {
      report =
          new CanarySimulation(file.canary())
              .run(seed == null ? file.seed() : seed, number, done -> ticker.at(done, number));
    }
    terminal.print(
        json
            ? JsonText.indented(SimulateJson.canary(file, report))
            : SimulateText.canary(file, report));
    draw(CanaryPlot.svg(file, report));
    return 0;
  }

  private void draw(String svg) throws IOException {
    if (plot != null) {
      try {
        Files.writeString(plot, svg, StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw terminal.wrong(
            new InvalidField("--plot", plot, "must be a file that can be written (" + e + ")"));
      }
      terminal.say("drawn: " + plot);
    }
  }

  private static List<Scenario> listed() {
    return Stream.concat(Scenarios.ALL.stream(), UglyScenarios.ALL.stream()).toList();
  }

  private static Optional<Scenario> named(String name) {
    return listed().stream().filter(scenario -> scenario.name().equals(name)).findFirst();
  }

  private List<Scenario> ugly() throws IOException {
    if (trace != null) {
      try (BufferedReader reader = Values.open(trace)) {
        return List.of(Trace.read(reader).scenario());
      } catch (IllegalArgumentException e) {
        throw terminal.wrong(new IllegalArgumentException(trace + ": " + e.getMessage(), e));
      } catch (IOException e) {
        throw terminal.wrong(
            new InvalidField("--trace", trace, "must be a file that can be read (" + e + ")"));
      }
    }
    if (stream.isEmpty()) {
      return UglyScenarios.ALL;
    }
    return UglyScenarios.named(stream)
        .map(List::of)
        .orElseThrow(
            () ->
                terminal.wrong(
                    new InvalidField(
                        "--scenario",
                        stream,
                        "must be one of "
                            + String.join(
                                ", ", UglyScenarios.ALL.stream().map(Scenario::name).toList()))));
  }
}
