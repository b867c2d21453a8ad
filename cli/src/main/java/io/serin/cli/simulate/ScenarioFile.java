package io.serin.cli.simulate;

import io.serin.rollout.Guard;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.Then;
import io.serin.rollout.YamlFields;
import io.serin.rollout.value.Quantities;
import io.serin.simulation.canary.CanaryScenario;
import io.serin.simulation.canary.CanaryScenario.Stage;
import io.serin.simulation.canary.CanaryScenario.Truth;
import io.serin.statistics.sequential.ErrorBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;

/**
 * A canary that a person describes in YAML or JSON, every default filled in.
 *
 * @param name what people call it
 * @param runs of each kind
 */
record ScenarioFile(String name, CanaryScenario canary, int runs, long seed) {
  /** A file that works, with every field explained. */
  static final String EXAMPLE =
      """
      scenario: errors double      # what you call it
      metric: error.rate           # error.rate, refusal.rate; latency.p50, latency.p95, tokens
      baseline: 1%                 # of latency and tokens: {median: 400, sigma: 0.7}, sigma that of the logarithm
      effect: 2%                   # the candidate's rate; of latency and tokens: how many times control's, as in 1.5
      # margin: 1.2                # latency and tokens: how many times control's is allowed (tokens 1.5)
      stages:
        - {share: 5%, requests: 10000}
        - {share: 25%, requests: 40000}
      users: {number: 3000, shape: 1.5, proneness: 0.5}   # left out: every request is a new user's
      drift: 0                     # both arms' errors (or values) swing up to 1 + drift times
      faultFrom: 0                 # the request with which the candidate becomes worse
      guard: {alpha: 0.01, weight: 0.36, atLeast: 0.5pp}  # the default weight is that of the default guards
      rivals: {requestsPerMinute: 600, gateSuccess: 99%, gateFailures: 5, rankMinutes: 10}
      runs: 200
      seed: 1
      """;

  private static final double SIGNAL = 0.05;

  /**
   * Reads a file.
   *
   * @throws RolloutFileException names the line, the field, its value and the rule
   */
  static ScenarioFile read(String text) throws RolloutFileException {
    YamlFields file =
        YamlFields.read(text)
            .only(
                "scenario",
                "metric",
                "baseline",
                "effect",
                "margin",
                "stages",
                "share",
                "requests",
                "users",
                "drift",
                "faultFrom",
                "guard",
                "rivals",
                "runs",
                "seed");
    String metric = text(file, "metric", ErrorBudget.ERRORS);
    YamlFields users = section(file, "users").only("number", "shape", "proneness");
    YamlFields guard = section(file, "guard").only("alpha", "weight", "atLeast");
    YamlFields rivals =
        section(file, "rivals")
            .only("requestsPerMinute", "gateSuccess", "gateFailures", "rankMinutes");
    double alpha = guard.value("alpha", level(metric), Quantities::properShare);
    CanaryScenario canary =
        new CanaryScenario(
            metric,
            truth(file, metric),
            stages(file),
            new CanaryScenario.Users(
                whole(users, "number", 0, 10_000_000),
                users.value("shape", 1.5, Quantities::factor),
                atLeast(users, "proneness", 0, 0)),
            atLeast(file, "drift", 0, 0),
            file.value("faultFrom", 0L, Quantities::count),
            new CanaryScenario.Guard(
                alpha,
                atLeast(guard, "weight", weight(metric, alpha), 0),
                guard.value(
                    "atLeast", metric.equals(ErrorBudget.ERRORS) ? 0.005 : 0, Quantities::points)),
            new CanaryScenario.Rivals(
                atLeast(rivals, "requestsPerMinute", 600, 1),
                rivals.value("gateSuccess", 0.99, Quantities::properShare),
                whole(rivals, "gateFailures", 5, 1_000_000),
                whole(rivals, "rankMinutes", 10, 1_000_000)));
    return new ScenarioFile(
        text(file, "scenario", metric),
        canary,
        whole(file, "runs", 200, 1_000_000),
        file.value("seed", 1L, Quantities::count));
  }

  private static Truth truth(YamlFields file, String metric) throws RolloutFileException {
    return switch (metric) {
      case "error.rate", "refusal.rate" -> {
        if (file.has("margin")) {
          throw file.refused(
              "margin",
              text(file, "margin", ""),
              "is for latency and tokens; rates take guard.atLeast");
        }
        yield new Truth.Rate(
            required(file, "baseline", Quantities::properShare),
            required(file, "effect", Quantities::properShare));
      }
      case "latency.p50", "latency.p95", "tokens" -> {
        if (file.has("baseline") && !file.isMapping("baseline")) {
          throw file.refused(
              "baseline",
              text(file, "baseline", ""),
              "must be {median: …, sigma: …} for " + metric);
        }
        YamlFields baseline = section(file, "baseline").only("median", "sigma");
        yield new Truth.Quantile(
            metric.equals("latency.p95") ? 0.95 : 0.5,
            baseline.value("median", 400.0, Quantities::factor),
            baseline.value("sigma", 0.7, Quantities::factor),
            required(file, "effect", Quantities::factor),
            file.value("margin", metric.equals("tokens") ? 1.5 : 1.2, Quantities::factor));
      }
      default ->
          throw file.refused(
              "metric",
              metric,
              "must be one of error.rate, refusal.rate, latency.p50, latency.p95, tokens");
    };
  }

  private static List<Stage> stages(YamlFields file) throws RolloutFileException {
    if (file.has("stages") && (file.has("share") || file.has("requests"))) {
      throw file.fault("stages", "cannot stand beside share or requests: write one of them");
    }
    List<Stage> stages = new ArrayList<>();
    for (YamlFields each : file.has("stages") ? file.mappings("stages") : List.of(file)) {
      YamlFields stage = file.has("stages") ? each.only("share", "requests") : each;
      stages.add(
          new Stage(
              stage.value("share", 0.25, Quantities::properShare),
              stage.value("requests", 40_000L, Quantities::count)));
    }
    return stages;
  }

  /** A mapping; an empty one when the field is absent. */
  private static YamlFields section(YamlFields file, String name) throws RolloutFileException {
    YamlFields section = file.mapping(name);
    return section == null ? YamlFields.read("{}") : section;
  }

  private static String text(YamlFields fields, String name, String absent)
      throws RolloutFileException {
    return Objects.requireNonNullElse(fields.text(name), absent);
  }

  private static <T> T required(YamlFields fields, String name, BiFunction<String, String, T> read)
      throws RolloutFileException {
    String text = fields.required(name);
    return fields.check(() -> read.apply(name, text));
  }

  private static double atLeast(YamlFields fields, String name, double absent, double least)
      throws RolloutFileException {
    return fields.value(name, absent, (field, text) -> Quantities.atLeast(field, text, least));
  }

  private static int whole(YamlFields fields, String name, int absent, int most)
      throws RolloutFileException {
    long count = fields.value(name, (long) absent, Quantities::count);
    if (count > most) {
      throw fields.refused(name, count, "must be at most " + most);
    }
    return (int) count;
  }

  private static boolean rollsBack(Guard guard) {
    return guard.then() == Then.ROLLBACK;
  }

  private static double level(String metric) {
    boolean rollback =
        Guard.DEFAULTS.stream().anyMatch(g -> rollsBack(g) && g.metric().text().equals(metric));
    return rollback ? 0.01 : SIGNAL;
  }

  /** The part that the default guards give a metric. */
  private static double weight(String metric, double alpha) {
    List<String> rollbacks =
        Guard.DEFAULTS.stream()
            .filter(ScenarioFile::rollsBack)
            .map(g -> g.metric().text())
            .toList();
    if (rollbacks.contains(metric)) {
      return ErrorBudget.of(alpha, rollbacks, 1).weight(metric);
    }
    List<String> flags =
        Guard.DEFAULTS.stream().filter(g -> !rollsBack(g)).map(g -> g.metric().text()).toList();
    return ErrorBudget.of(alpha, 0, flags, 1).weight(metric);
  }
}
