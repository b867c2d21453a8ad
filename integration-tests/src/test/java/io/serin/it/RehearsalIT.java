package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Dress rehearsals, as a user runs them. Exit code 0 says three things: the expectation came true,
 * no client saw an error, and every request was counted exactly once.
 */
class RehearsalIT {

  @Test
  void shouldShowARollbackWithoutAnySetting() throws Exception {
    Serin.Run run = Serin.run(150, "rehearse");

    assertThat(run.exit()).as(run.output()).isZero();
  }

  /** Two rollouts at once, beside a third, on the stack that the tests share. */
  @Test
  void shouldTellARealModelThatBeginsToFailFromOneThatDoesNot() throws Exception {
    List<String> bad =
        recorded(
            "bad",
            "--fault",
            "candidate:errors=30%@20s",
            "--duration",
            "45s",
            "--expect",
            "rollback",
            "--after-decision",
            "3s");
    List<String> good =
        recorded("good", "--fault", "none", "--duration", "60s", "--expect", "hold");

    List<Serin.Run> runs = Serin.runAll(240, List.of(bad, good));

    for (Serin.Run run : runs) {
      assertThat(run.exit()).as(run.output()).isZero();
    }
    Loop loop = Loop.shared();
    Loop.until(
        "what the candidate served after its first bad answer is counted",
        () ->
            loop.send(HttpRequest.newBuilder(loop.control("/v1/rollouts/bad/history")))
                .body()
                .contains("ROLLBACK_COUNTED"));
  }

  /**
   * The five stages unattended, and each of the seven faults in at least one stage: rolled back
   * there, the held-back 100 % included; with the default guards tokens are flagged and refusals
   * investigated. All of them: {@code serin rehearse matrix}.
   */
  @Test
  @EnabledIfSystemProperty(
      named = "serin.soak",
      matches = "true",
      disabledReason = "takes minutes, and wants a quiet machine: -Dserin.soak=true")
  void shouldGoThroughThePipelineAndRollBackInTheStageWhereAFaultBegins() throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("rehearse", "matrix", "--parallel", "5", "--stage-length", "12s"));
    arguments.addAll(
        List.of(
            "--cells",
            String.join(
                ",",
                "none",
                "errors@100%",
                "hang@100%",
                "tokens@50%",
                "slow@25%",
                "refusals@50%",
                "empty@5%",
                "cut-stream@25%",
                "tokens@default",
                "refusals@default")));
    arguments.addAll(Loop.shared().whereItIs());

    Serin.Run run = Serin.run(360, arguments.toArray(String[]::new));

    assertThat(run.exit()).as(run.output()).isZero();
  }

  private static List<String> recorded(String name, String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "rehearse",
                "--name",
                name,
                "--control",
                Serin.data("alpaca-eval-gpt-3.5-turbo-1106.jsonl.gz").toString(),
                "--candidate",
                Serin.data("alpaca-eval-gpt-4o-mini-2024-07-18.jsonl.gz").toString(),
                "--trace",
                Serin.data("azure-llm-2023-conv.csv").toString(),
                "--speed",
                "10x",
                "--share",
                "25%"));
    arguments.addAll(List.of(more));
    arguments.addAll(Loop.shared().whereItIs());
    return arguments;
  }
}
