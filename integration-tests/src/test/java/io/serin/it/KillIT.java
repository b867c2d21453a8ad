package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * kill -9 of any one process in the middle of a rehearsal loses and doubles nothing, and the
 * candidate that fails afterwards is still rolled back: the report reconciles each request by its
 * id.
 */
class KillIT {

  private static final List<String> STEPS = List.of("shadow", "5%", "25%", "50%", "100%");

  @ParameterizedTest
  @ValueSource(strings = {"analytics", "router", "broker", "registry", "worker"})
  void shouldCountEveryRequestOnceWhenKilled(String process) throws Exception {
    Serin.Run run =
        Serin.run(
            240,
            "rehearse",
            "--duration",
            "90s",
            "--after-decision",
            "3s",
            "--kill",
            process + "@10s",
            "--fault",
            "candidate:errors=30%@22s",
            "--expect",
            "rollback");

    assertThat(run.exit()).as(run.output()).isZero();
  }

  /**
   * The controller dies at every step of a ramp: routers go on serving, and it resumes where it
   * was.
   */
  @Test
  @EnabledIfSystemProperty(
      named = "serin.soak",
      matches = "true",
      disabledReason = "takes minutes, and wants a quiet machine: -Dserin.soak=true")
  void shouldGoOnWhereItWasWhenTheControllerDiesAtEachStep() throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of("rehearse", "--pipeline", "--stage-length", "10s", "--rate", "60", "--json"));
    for (String step : STEPS) {
      arguments.addAll(List.of("--kill", "analytics@stage:" + step));
    }

    Serin.Run run = Serin.run(400, arguments.toArray(String[]::new));

    assertThat(run.exit()).as(run.output()).isZero();
    JsonNode report = new ObjectMapper().readTree(run.standardOutput());
    assertThat(report.get("kills")).as("every kill was done").hasSize(STEPS.size());
    assertThat(report.get("stages").findValuesAsText("name"))
        .as("no step skipped or repeated")
        .isEqualTo(STEPS);
    assertThat(report.get("stageProblems")).isEmpty();
    assertThat(report.get("clients").get("errors")).as("routers go on serving").isEmpty();
    assertThat(report.get("decided").asText()).isEqualTo("PROMOTE");
  }
}
