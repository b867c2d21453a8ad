package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

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

  @Test
  void shouldRollBackARealModelThatBeginsToFail() throws Exception {
    Serin.Run run =
        Serin.run(
            240,
            recorded(
                "--fault",
                "candidate:errors=30%@20s",
                "--duration",
                "45s",
                "--expect",
                "rollback"));

    assertThat(run.exit()).as(run.output()).isZero();
  }

  @Test
  void shouldKeepARealModelThatDoesNotFail() throws Exception {
    Serin.Run run =
        Serin.run(240, recorded("--fault", "none", "--duration", "60s", "--expect", "hold"));

    assertThat(run.exit()).as(run.output()).isZero();
  }

  private static String[] recorded(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "rehearse",
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
    return arguments.toArray(String[]::new);
  }
}
