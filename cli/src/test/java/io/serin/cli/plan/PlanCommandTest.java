package io.serin.cli.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileReader;
import io.serin.rollout.plan.Budget;
import io.serin.rollout.plan.Forecast;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.PromotionGate;
import io.serin.statistics.sequential.Stratum;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PlanCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine line = new CommandLine(new PlanCommand());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args);
  }

  private JsonNode json(String... args) throws IOException {
    assertThat(run(args)).as(err.toString()).isZero();
    return new ObjectMapper().readTree(out.toString());
  }

  @Test
  void shouldAnnounceWhatThenHoldsInSimulation() throws IOException {
    JsonNode plan = json("--share", "25%", "--expect", "error.rate=1%:3%", "--json");
    JsonNode errors = guard(plan.path("stages").path(0), "error.rate");
    int runs = 300;
    int found = 0;
    int passed = 0;
    // Request by request, with other seeds and other code than the plan's.
    double fire = -Math.log(0.01 * 0.36);
    for (int run = 0; run < runs; run++) {
      SplittableRandom random = new SplittableRandom(70_000 + run);
      EventLabelProcess process = new EventLabelProcess(EventLabelDesign.worse());
      PromotionGate gate = new PromotionGate(0.01);
      Stratum stratum = new Stratum("25%", 0.25);
      boolean fired = false;
      boolean ready = false;
      double most =
          Math.max(
              errors.path("requestsAtPower").asDouble(), errors.path("gateRequests").asDouble());
      for (int i = 1; i <= most; i++) {
        boolean candidate = random.nextDouble() < 0.25;
        if (!fired
            && i <= errors.path("requestsAtPower").asDouble()
            && random.nextDouble() < (candidate ? 0.03 : 0.01)) {
          process.add(i / 100, stratum, candidate);
          fired = process.logE() >= fire;
        }
        if (!ready && i <= errors.path("gateRequests").asDouble()) {
          gate.add(stratum, candidate, random.nextDouble() < 0.01);
          ready = i % 20 == 0 && gate.logE() >= Math.log(20);
        }
      }
      found += fired ? 1 : 0;
      passed += ready ? 1 : 0;
    }
    assertThat((double) found / runs).as("announced for 90 % of runs").isCloseTo(0.9, within(0.06));
    assertThat((double) passed / runs).as("gate, announced for 90 %").isBetween(0.85, 1.0);
  }

  @Test
  void shouldPlanEachStageOfAFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("rollout.yaml");
    Files.writeString(
        file,
        """
        rollout: assistant
        variants:
          control: {url: "http://localhost:1/v1"}
          small: {url: "http://localhost:2/v1"}
          large: {url: "http://localhost:3/v1"}
        stages:
          - {weight: {small: 5%, large: 10%}, for: 2d}
        guards:
          - {metric: error.rate, worseBy: 0, atLeast: 0.5pp, then: rollback, notWorse: 1pp}
        """);
    JsonNode plan = json(file.toString(), "--requests-per-day", "100k", "--json");
    JsonNode small = plan.path("stages").path(0);
    assertThat(plan.path("stages").size()).isEqualTo(2);
    assertThat(small.path("share").asDouble()).isCloseTo(500.0 / 9_000, within(1e-9));
    assertThat(small.path("requests").asDouble()).isEqualTo(200_000);
    assertThat(guard(small, "error.rate").path("medianRequests").asDouble())
        .isGreaterThan(guard(small, "error.rate").path("limitRequests").asDouble());
    assertThat(plan.path("answer").asText()).contains("rolled back after about");
  }

  @Test
  void shouldSayTheNumbersOfTheControllerWithTheTenthOfAlphaThatAShadowStageTakes()
      throws Exception {
    JsonNode plan = json("--expect", "error.rate=1%:3%", "--json");
    RolloutFile file =
        RolloutFileReader.read(
            """
            rollout: default
            variants:
              control: {url: "http://localhost:1/v1"}
              candidate: {url: "http://localhost:2/v1"}
            """);

    assertThat(plan.path("stages").path(0).path("leastRequests").asDouble())
        .isEqualTo(Forecast.detection(file, 0.05, 0.01));
    assertThat(Budget.of(file).threshold(file.guards().get(2)))
        .isCloseTo(-Math.log(0.009 * 0.4 * (1 - 0.1)), within(1e-9));
    assertThat(plan.path("unitsUntilPromotion").path("candidate").asDouble())
        .isGreaterThan(plan.path("stages").path(0).path("leastRequests").asDouble());
    assertThat(plan.path("answer").asText()).contains("new units until promotion");
  }

  @Test
  void shouldSayThatTooFewUsersReturn() throws IOException {
    JsonNode plan =
        json("--share", "5%", "--users", "2000", "--json", "--expect", "latency.p95=0.7:1.3x");
    JsonNode latency = guard(plan.path("stages").path(0), "latency.p95");
    assertThat(latency.path("gateRequests").isNull()).isTrue();
    assertThat(plan.path("answer").asText()).contains("2,000 users are too few");
  }

  @Test
  void shouldSizeAnAbTestWithReturningUsers() throws IOException {
    JsonNode once =
        json(
            "--ab",
            "--json",
            "--expect",
            "error.rate=10%:12%",
            "--requests-per-user",
            "5",
            "--cv",
            "1",
            "--icc",
            "0.1");
    JsonNode metric = once.path("metrics").path(0);
    // 3,841 in each arm by the unpooled formula, times 1 + (5·2 − 1)·0.1.
    assertThat(metric.path("oneLook").path("requests").asDouble())
        .isBetween(2 * 3_825 * 1.9, 2 * 3_845 * 1.9);
    assertThat(
            metric.path("anyTime").path("requests").asDouble()
                / metric.path("oneLook").path("requests").asDouble())
        .isCloseTo(2.4, within(0.02));
    assertThat(metric.path("oneLook").path("users").asDouble() * 5)
        .isCloseTo(metric.path("oneLook").path("requests").asDouble(), within(6.0));
  }

  @Test
  void shouldRefuseWhatItDoesNotUnderstand() {
    assertThat(run("--expect", "error.rate=1%")).isEqualTo(2);
    assertThat(err.toString()).contains("--expect error.rate is 1%: must be BASELINE:EFFECT");
    assertThat(run("--expect", "cost=1%:2%")).isEqualTo(2);
    assertThat(err.toString()).contains("must name a metric that a guard watches");
    assertThat(run("nosuch.yaml")).isEqualTo(2);
    assertThat(err.toString()).contains("FILE is nosuch.yaml");
    assertThat(run("--icc", "0.1")).isEqualTo(2);
    assertThat(err.toString()).contains("--icc is 0.1: is for --ab");
    assertThat(run("--share", "140%")).isEqualTo(2);
    assertThat(err.toString()).contains("--share is 140%");
  }

  private static JsonNode guard(JsonNode stage, String metric) {
    for (JsonNode guard : stage.path("guards")) {
      if (guard.path("metric").asText().equals(metric)) {
        return guard;
      }
    }
    throw new AssertionError("no guard " + metric + " in " + stage);
  }
}
