package io.serin.analytics.controller;

import io.serin.analytics.observation.Observation;
import io.serin.rollout.assignment.Split;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The whole policy, accelerated and seeded: how often a candidate of known quality is rolled back
 * or promoted. {@code main} takes runs and seed, and prints a table.
 */
final class PolicySimulation {
  private static final String FILE =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      stages:
        - {weight: 25%, for: 1m, until: time}
        - {weight: 50%, for: 1m, until: gate}
        - {weight: 100%, bake: 1m}
      guards:
        - {metric: latency.p50, worseBy: 20%, then: rollback, notWorse: 20%}
        - {metric: latency.p95, worseBy: 20%, then: rollback, notWorse: 20%}
        - {metric: error.rate, worseBy: 0, then: rollback, notWorse: 1pp}
      """;

  /**
   * What is simulated.
   *
   * @param errors rate of failures of both arms
   * @param slower the candidate's latency over control's; 1.2 is exactly on the margin
   * @param apart time between two requests
   * @param most requests of a run
   */
  record Scenario(
      String name, double alpha, double errors, double slower, Duration apart, int most) {
    static final List<Scenario> ALL =
        List.of(
            new Scenario("identical, alpha .01", 0.01, 0.01, 1, Duration.ofMillis(100), 20_000),
            new Scenario("identical, alpha .2", 0.2, 0.01, 1, Duration.ofMillis(100), 20_000),
            new Scenario(
                "on the margin, alpha .01", 0.01, 0.01, 1.2, Duration.ofMillis(100), 4_000),
            new Scenario("on the margin, alpha .2", 0.2, 0.01, 1.2, Duration.ofMillis(100), 4_000),
            new Scenario("one request a minute", 0.01, 0.01, 1, Duration.ofMinutes(1), 1_000));
  }

  /**
   * How a run ended.
   *
   * @param announced requests that were announced to suffice; 0 where nothing was
   */
  record Outcome(boolean rolledBack, boolean promoted, int requests, long announced, String says) {
    boolean promotedAsAnnounced() {
      return promoted && requests <= announced;
    }
  }

  /** All runs of a scenario. */
  record Result(Scenario scenario, List<Outcome> outcomes) {
    long rolledBack() {
      return outcomes.stream().filter(Outcome::rolledBack).count();
    }

    long promoted() {
      return outcomes.stream().filter(Outcome::promoted).count();
    }

    long promotedAsAnnounced() {
      return outcomes.stream().filter(Outcome::promotedAsAnnounced).count();
    }

    long median(java.util.function.ToLongFunction<Outcome> figure) {
      return outcomes.stream()
          .mapToLong(figure)
          .sorted()
          .skip(outcomes.size() / 2)
          .findFirst()
          .orElse(0);
    }

    String line() {
      double n = outcomes.size();
      return String.format(
          Locale.ROOT,
          "%-26s %5d runs  rolled back %.4f (alpha %.2f)  promoted %.3f  within the announced size"
              + " %.3f  median requests %,d of %,d announced",
          scenario.name(),
          outcomes.size(),
          rolledBack() / n,
          scenario.alpha(),
          promoted() / n,
          promotedAsAnnounced() / n,
          median(Outcome::requests),
          median(Outcome::announced));
    }
  }

  private PolicySimulation() {}

  static Result run(Scenario scenario, long seed, int runs) {
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      outcomes.add(once(scenario, new SplittableRandom(seed * 1_000_003 + i)));
    }
    return new Result(scenario, outcomes);
  }

  private static Outcome once(Scenario scenario, SplittableRandom random) {
    PolicyHarness serin = new PolicyHarness().withNewUnitsOnly();
    serin.apply("run", FILE + "alpha: " + scenario.alpha() + "\n");
    serin.obey("r1");
    int requests = 0;
    while (requests < scenario.most() && serin.newest().phase().active()) {
      requests++;
      int slot = random.nextInt(Split.SLOTS);
      boolean candidate = serin.variant(slot).equals("candidate");
      double micros =
          200_000
              * Math.exp(PolicyHarness.gaussian(random) / 2)
              * (candidate ? scenario.slower() : 1);
      serin.request(
          "u" + requests,
          slot,
          random.nextDouble() < scenario.errors() ? Observation.End.FAILED : Observation.End.OK,
          Math.round(micros));
      serin.pass(scenario.apart());
    }
    return new Outcome(
        serin.phase() == Phase.ROLLED_BACK,
        serin.phase() == Phase.PROMOTED,
        requests,
        serin.status().planned(),
        serin.weighed.isEmpty() ? "" : serin.standing().text());
  }

  /** Arguments: runs (default 1000), seed (default 1), part of a scenario's name (default all). */
  public static void main(String[] args) {
    int runs = args.length > 0 ? Integer.parseInt(args[0]) : 1_000;
    long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
    for (Scenario scenario : Scenario.ALL) {
      if (args.length > 2 && !scenario.name().contains(args[2])) {
        continue;
      }
      Result result = run(scenario, seed, runs);
      System.out.println(result.line());
      System.out.println("  last run: " + result.outcomes().getLast().says());
    }
  }
}
