package io.serin.cli.simulate;

import io.serin.report.Numbers;
import io.serin.report.TextTable;
import io.serin.simulation.canary.CanaryReport;
import io.serin.simulation.canary.CanaryReport.Method;
import io.serin.simulation.canary.CanaryScenario;
import io.serin.simulation.canary.CanaryScenario.Truth;
import io.serin.simulation.scenario.Scenario;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Figures as a person reads them. */
final class SimulateText {
  private SimulateText() {}

  static String list(List<Scenario> scenarios) {
    TextTable table = TextTable.plain("<", "<");
    for (Scenario scenario : scenarios) {
      table.row(
          scenario.name(),
          String.format(Locale.ROOT, "%s (%,d runs)", scenario.question(), scenario.fullRuns()));
    }
    return table
        .row("real", "recorded values of your own: --values FILE --field NAME")
        .row("FILE", "a canary of your own: serin simulate --example")
        .text("")
        .stripTrailing();
  }

  static String canary(ScenarioFile file, CanaryReport report) {
    CanaryScenario canary = file.canary();
    StringBuilder text = new StringBuilder();
    text.append(file.name()).append(": ").append(truth(file)).append(System.lineSeparator());
    text.append(
        String.format(
            Locale.ROOT,
            "%s; %s; alpha %s, weight %s; seed %d, %,d runs of each kind%n%n",
            stages(canary),
            users(canary),
            Numbers.number(canary.guard().alpha()),
            Numbers.number(canary.guard().weight()),
            report.seed(),
            report.runs()));
    TextTable table =
        TextTable.of(
            "requests from the fault to its detection",
            "healthy rolled back",
            "fault found",
            ">mean",
            ">1 in 10",
            ">1 in 2",
            ">9 in 10",
            ">× limit");
    report.methods().forEach(method -> row(table, method, report.limit()));
    table.row("fewest of any test with Serin's error level", "", "", requests(report.limit()));
    text.append(table.text(""));
    return text.append(sentence(report)).toString();
  }

  private static void row(TextTable table, Method method, double limit) {
    table.row(
        method.name(),
        share(method, method.falseAlarms()),
        share(method, method.power()),
        requests(method.mean()),
        requests(method.quantile(0.1)),
        requests(method.quantile(0.5)),
        requests(method.quantile(0.9)),
        method.power() > 0 && limit < Double.POSITIVE_INFINITY
            ? String.format(Locale.ROOT, "%.2f", method.mean() / limit)
            : "–");
  }

  private static String sentence(CanaryReport report) {
    Method serin = report.methods().getFirst();
    return String.format(
        Locale.ROOT,
        "%nSerin rolled back %s of the healthy candidates and found the fault in %s of the runs%s.",
        Numbers.percent(serin.falseAlarms()),
        Numbers.percent(serin.power()),
        serin.power() > 0
            ? String.format(
                Locale.ROOT, ", after %s requests in the mean of those", requests(serin.mean()))
            : "");
  }

  static String truth(ScenarioFile file) {
    return switch (file.canary().truth()) {
      case Truth.Rate rate ->
          file.canary().metric()
              + " "
              + Numbers.percent(rate.control())
              + " → "
              + Numbers.percent(rate.candidate());
      case Truth.Quantile q ->
          String.format(
              Locale.ROOT,
              "%s of the candidate ×%s (×%s is allowed), σ of the logarithm %s",
              file.canary().metric(),
              Numbers.number(q.factor()),
              Numbers.number(q.margin()),
              Numbers.number(q.sigma()));
    };
  }

  private static String stages(CanaryScenario canary) {
    return canary.stages().stream()
        .map(
            s ->
                String.format(
                    Locale.ROOT, "%,d requests at %s", s.requests(), Numbers.percent(s.share())))
        .collect(Collectors.joining(", "));
  }

  private static String users(CanaryScenario canary) {
    return canary.users().number() == 0
        ? "each of a new user"
        : String.format(Locale.ROOT, "%,d users who return", canary.users().number());
  }

  private static String share(Method method, double share) {
    return String.format(
        Locale.ROOT, "%s ± %.1f", Numbers.percent(share), 100 * method.error(share));
  }

  private static String requests(double value) {
    return Double.isNaN(value)
        ? "–"
        : value == Double.POSITIVE_INFINITY
            ? "not found"
            : String.format(Locale.ROOT, "%,.0f", value);
  }
}
