package io.serin.cli.simulate;

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
    StringBuilder text = new StringBuilder();
    for (Scenario scenario : scenarios) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-15s %s (%,d runs)%n",
              scenario.name(),
              scenario.question(),
              scenario.fullRuns()));
    }
    return text
        + String.format(
            "%-15s %s%n", "real", "recorded values of your own: --values FILE --field NAME")
        + String.format("%-15s %s", "FILE", "a canary of your own: serin simulate --example");
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
            number(canary.guard().alpha()),
            number(canary.guard().weight()),
            report.seed(),
            report.runs()));
    text.append(
        String.format(
            "%-52s %-20s %-14s %s%n",
            "", "healthy candidate", "fault found", "requests from the fault to its detection"));
    text.append(
        String.format(
            "%-52s %-20s %-14s %10s %10s %10s %10s %8s%n",
            "", "rolled back falsely", "", "mean", "1 in 10", "1 in 2", "9 in 10", "× limit"));
    for (Method method : report.methods()) {
      text.append(row(method, report.limit()));
    }
    text.append(
        String.format(
            "%n%-52s %-20s %-14s %10s%n",
            "fewest of any test with Serin's error level", "", "", requests(report.limit())));
    return text.append(sentence(report)).toString();
  }

  private static String row(Method method, double limit) {
    return String.format(
        Locale.ROOT,
        "%-52s %-20s %-14s %10s %10s %10s %10s %8s%n",
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
        percent(serin.falseAlarms()),
        percent(serin.power()),
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
              + percent(rate.control())
              + " → "
              + percent(rate.candidate());
      case Truth.Quantile q ->
          String.format(
              Locale.ROOT,
              "%s of the candidate ×%s (×%s is allowed), σ of the logarithm %s",
              file.canary().metric(),
              number(q.factor()),
              number(q.margin()),
              number(q.sigma()));
    };
  }

  private static String stages(CanaryScenario canary) {
    return canary.stages().stream()
        .map(
            s -> String.format(Locale.ROOT, "%,d requests at %s", s.requests(), percent(s.share())))
        .collect(Collectors.joining(", "));
  }

  private static String users(CanaryScenario canary) {
    return canary.users().number() == 0
        ? "each of a new user"
        : String.format(Locale.ROOT, "%,d users who return", canary.users().number());
  }

  private static String share(Method method, double share) {
    return String.format(Locale.ROOT, "%s ± %.1f", percent(share), 100 * method.error(share));
  }

  static String percent(double share) {
    return number(Math.round(share * 1e4) / 1e2) + " %";
  }

  static String number(double value) {
    String digits = String.format(Locale.ROOT, "%.4f", value);
    return digits.replaceAll("0+$", "").replaceAll("\\.$", "");
  }

  private static String requests(double value) {
    return Double.isNaN(value)
        ? "–"
        : value == Double.POSITIVE_INFINITY
            ? "not found"
            : String.format(Locale.ROOT, "%,.0f", value);
  }
}
