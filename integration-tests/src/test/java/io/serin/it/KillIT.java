package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * kill -9 of any process in the middle of a rehearsal loses and doubles nothing: the report
 * reconciles each request by its id, and excuses only what a killed router had under way.
 */
class KillIT {

  private static final List<String> STEPS = List.of("shadow", "5%", "25%", "50%", "100%");

  /**
   * One after the other, each back before the next; the candidate that fails at last is rolled
   * back.
   */
  @Test
  void shouldCountEveryRequestOnceWhateverIsKilled() throws Exception {
    Serin.Run run =
        Serin.run(
            240,
            "rehearse",
            "--duration",
            "80s",
            "--kill",
            "worker@3s",
            "--kill",
            "registry@8s",
            "--kill",
            "router@14s",
            "--kill",
            "analytics@22s",
            "--kill",
            "broker@34s",
            "--fault",
            "candidate:errors=30%@54s",
            "--expect",
            "rollback",
            "--after-decision",
            "3s");

    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(run.output())
        .contains("Killed: worker", "Killed: registry", "Killed: router", "Killed: analytics")
        .contains("Killed: broker")
        .doesNotContain("no time that was seen");
  }

  /**
   * The controller dies at every step of a ramp: routers go on serving, and it resumes where it
   * was.
   */
  @Test
  void shouldGoOnWhereItWasWhenTheControllerDiesAtEachStep() throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of("rehearse", "--pipeline", "--stage-length", "8s", "--rate", "60", "--json"));
    for (String step : STEPS) {
      arguments.addAll(List.of("--kill", "analytics@stage:" + step));
    }

    Serin.Run run = Serin.run(240, arguments.toArray(String[]::new));

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
