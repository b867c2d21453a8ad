package io.serin.cli.simulate;

import io.serin.rollout.Guard;
import io.serin.rollout.Then;
import io.serin.rollout.value.InvalidField;
import io.serin.rollout.value.Quantities;
import io.serin.simulation.canary.CanaryScenario;
import io.serin.simulation.canary.CanaryScenario.Stage;
import io.serin.simulation.canary.CanaryScenario.Truth;
import io.serin.statistics.sequential.ErrorBudget;
import java.util.ArrayList;
import java.util.List;

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
   * @throws IllegalArgumentException names the field, its value and the rule
   */
  static ScenarioFile read(String text) {
    Fields file =
        Fields.read(text)
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
    String metric = file.text("metric", ErrorBudget.ERRORS);
    Truth truth = truth(file, metric);
    Fields users = file.mapping("users").only("number", "shape", "proneness");
    Fields guard = file.mapping("guard").only("alpha", "weight", "atLeast");
    double alpha = Quantities.properShare(guard.at("alpha"), guard.text("alpha", level(metric)));
    Fields rivals =
        file.mapping("rivals")
            .only("requestsPerMinute", "gateSuccess", "gateFailures", "rankMinutes");
    CanaryScenario canary =
        new CanaryScenario(
            metric,
            truth,
            stages(file),
            new CanaryScenario.Users(
                whole(users, "number", "0", 10_000_000),
                Quantities.factor(users.at("shape"), users.text("shape", "1.5")),
                Quantities.atLeast(users.at("proneness"), users.text("proneness", "0"), 0)),
            Quantities.atLeast("drift", file.text("drift", "0"), 0),
            Quantities.count("faultFrom", file.text("faultFrom", "0")),
            new CanaryScenario.Guard(
                alpha,
                guard.has("weight")
                    ? Quantities.atLeast(guard.at("weight"), guard.text("weight", ""), 0)
                    : weight(metric, alpha),
                Quantities.points(
                    guard.at("atLeast"),
                    guard.text("atLeast", metric.equals(ErrorBudget.ERRORS) ? "0.5pp" : "0"))),
            new CanaryScenario.Rivals(
                Quantities.atLeast(
                    rivals.at("requestsPerMinute"), rivals.text("requestsPerMinute", "600"), 1),
                Quantities.properShare(rivals.at("gateSuccess"), rivals.text("gateSuccess", "99%")),
                whole(rivals, "gateFailures", "5", 1_000_000),
                whole(rivals, "rankMinutes", "10", 1_000_000)));
    return new ScenarioFile(
        file.text("scenario", metric),
        canary,
        whole(file, "runs", "200", 1_000_000),
        Quantities.count("seed", file.text("seed", "1")));
  }

  private static Truth truth(Fields file, String metric) {
    return switch (metric) {
      case "error.rate", "refusal.rate" -> {
        if (file.has("margin")) {
          throw new InvalidField(
              "margin",
              file.text("margin", ""),
              "is for latency and tokens; rates take guard.atLeast");
        }
        yield new Truth.Rate(
            Quantities.properShare("baseline", file.required("baseline")),
            Quantities.properShare("effect", file.required("effect")));
      }
      case "latency.p50", "latency.p95", "tokens" -> {
        if (file.has("baseline") && !file.isMapping("baseline")) {
          throw new InvalidField(
              "baseline", file.text("baseline", ""), "must be {median: …, sigma: …} for " + metric);
        }
        Fields baseline = file.mapping("baseline").only("median", "sigma");
        yield new Truth.Quantile(
            metric.equals("latency.p95") ? 0.95 : 0.5,
            Quantities.factor(baseline.at("median"), baseline.text("median", "400")),
            Quantities.factor(baseline.at("sigma"), baseline.text("sigma", "0.7")),
            Quantities.factor("effect", file.required("effect")),
            Quantities.factor(
                "margin", file.text("margin", metric.equals("tokens") ? "1.5" : "1.2")));
      }
      default ->
          throw new InvalidField(
              "metric",
              metric,
              "must be one of error.rate, refusal.rate, latency.p50, latency.p95, tokens");
    };
  }

  private static List<Stage> stages(Fields file) {
    if (file.has("stages") && (file.has("share") || file.has("requests"))) {
      throw new IllegalArgumentException("stages or share with requests, not both");
    }
    List<Stage> stages = new ArrayList<>();
    for (Fields each : file.has("stages") ? file.mappings("stages") : List.of(file)) {
      Fields stage = file.has("stages") ? each.only("share", "requests") : each;
      stages.add(
          new Stage(
              Quantities.properShare(stage.at("share"), stage.text("share", "25%")),
              Quantities.count(stage.at("requests"), stage.text("requests", "40000"))));
    }
    return stages;
  }

  private static int whole(Fields fields, String name, String fallback, long most) {
    long count = Quantities.count(fields.at(name), fields.text(name, fallback));
    if (count > most) {
      throw new InvalidField(fields.at(name), count, "must be at most " + most);
    }
    return (int) count;
  }

  private static boolean rollsBack(Guard guard) {
    return guard.then() == Then.ROLLBACK;
  }

  private static String level(String metric) {
    boolean rollback =
        Guard.DEFAULTS.stream().anyMatch(g -> rollsBack(g) && g.metric().text().equals(metric));
    return Double.toString(rollback ? 0.01 : SIGNAL);
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
