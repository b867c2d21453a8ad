package io.serin.cli.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.schemas.WorkerStatus;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ShadowCommandTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void shouldReadMomentsAsPeopleTypeThem() {
    assertThat(Moments.parse("from", "-24h", NOON)).isEqualTo("2026-02-28T12:00:00Z");
    assertThat(Moments.parse("from", "-90s", NOON)).isEqualTo("2026-03-01T11:58:30Z");
    assertThat(Moments.parse("to", "now", NOON)).isEqualTo(NOON);
    assertThat(Moments.parse("to", "2026-01-01T00:00:00Z", NOON)).isEqualTo("2026-01-01T00:00:00Z");
    assertThatThrownBy(() -> Moments.parse("from", "yesterday", NOON))
        .hasMessageContaining("from is \"yesterday\": it must be");
  }

  @Test
  void shouldRefuseWhatCannotBeMeantNamingFieldValueAndRule() {
    assertThat(refused("backfill", "assistant", "--from", "-1h", "--to", "-2h"))
        .contains("--from is")
        .contains("must be before to");
    assertThat(refused("backfill", "assistant", "--from", "-1h", "--name", "a b"))
        .contains("--name is \"a b\"");
    assertThat(refused("backfill", "assistant", "--from", "soon")).contains("--from is \"soon\"");
    assertThat(refused("backfill", "assistant")).contains("--from");
    assertThat(refused("compare", "assistant", "--against", "me")).contains("--against is \"me\"");
    assertThat(refused("compare", "assistant", "--alpha", "2")).contains("--alpha is 2.0");
    assertThat(refused("compare", "assistant", "--limit", "0")).contains("--limit is 0");
    assertThat(refused("compare")).contains("ROLLOUT");
  }

  @Test
  void shouldShowWhatHoldsReplaysUp() {
    WorkerStatus status =
        WorkerStatus.newBuilder()
            .setWorker("worker-1")
            .setRollout("assistant")
            .setRun("run-1")
            .setAt(NOON)
            .setState("candidate-away")
            .setCause("candidate: no connection: ConnectException")
            .setPartitions(4)
            .setLag(120)
            .setPending(100)
            .setInFlight(8)
            .setPlaces(8)
            .setOutcomes(Map.of("OK", 7L))
            .setSkipped(Map.of("budget-over", 2L))
            .setCalls(9)
            .setPromptTokens(90)
            .setCompletionTokens(10)
            .setCost(0.5)
            .build();

    assertThat(StatusCommand.text(status, NOON.plusSeconds(3)))
        .contains("assistant on worker-1: candidate-away (candidate: no connection")
        .contains("lag 120")
        .contains("measured {OK=7}, skipped {budget-over=2}")
        .contains("9 calls, 100 tokens, cost 0.5000");
    assertThat(StatusCommand.text(status, NOON.plusSeconds(60))).contains("silent for 60 s");
  }

  private static String refused(String... arguments) {
    StringWriter err = new StringWriter();
    int exit = new CommandLine(new ShadowCommand()).setErr(new PrintWriter(err)).execute(arguments);
    assertThat(exit).isEqualTo(2);
    return err.toString();
  }
}
