package io.serin.cli.rehearse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What is refused before anything is started, and the rollout that is applied. */
class RehearseCommandTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--fault candidate:errors@1s | errors needs a value, such as =30%",
        "--fault other:hang@1s | VARIANT 'other' must be one of control, candidate",
        "--fault none --fault candidate:hang@1s | none excludes every other",
        "--expect success | --expect: 'success' must be rollback, promote, hold or any",
        "--share 130% | --share: '130%' must be at most 100%",
        "--speed 10x | --speed: only with --trace",
        "--trace nowhere.csv | --trace: there is no file nowhere.csv",
        "--trace nowhere.csv --rate 5 | --rate: not with --trace",
        "--candidate nowhere.jsonl | --candidate: there is no file nowhere.jsonl",
        "--rollout nowhere.yaml | --rollout: there is no file nowhere.yaml",
        "--rollout a.yaml --share 5% | --share: not with --rollout",
        "--kill analytics | --kill 'analytics' must be PROCESS@TIME",
        "--kill teapot@5s | --kill: PROCESS 'teapot' must be one of broker, registry, worker, analytics, router",
        "--kill router-3@5s --routers 2 | must be one of broker, registry, worker, analytics, router, router-2",
        "--duration soon | --duration: 'soon' must be a number with ms, s, m or h",
        "--duration 0s | duration: 0ms must be more than 0",
        "--requests 0 | requests: 0 must be at least 1",
        "--router http://127.0.0.1:1 | --router and --control-api: a running installation needs both",
        "--router http://127.0.0.1:1 --control-api http://127.0.0.1:2 | --kafka: a running installation needs it",
      })
  void shouldRefuseBeforeAnythingIsStarted(String arguments, String message) {
    CommandLine line = new CommandLine(new RehearseCommand());
    StringWriter err = new StringWriter();
    line.setErr(new PrintWriter(err));

    int exit = line.execute(arguments.split(" "));

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }

  @Test
  void shouldTellItsExitCodesAndExamples() {
    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(new RehearseCommand());
    line.setOut(new PrintWriter(out));

    assertThat(line.execute("--help")).isZero();
    assertThat(out.toString())
        .contains("candidate:errors=30%@20s")
        .contains("Exit codes:")
        .contains("--share=SHARE")
        .contains("(default 25%)")
        .doesNotContain("%%");
  }

  @Test
  void shouldApplyOneStageByDefault() {
    RolloutFile plain = RolloutFile.plain(0.125);

    assertThat(plain.rollout()).isEqualTo("rehearsal");
    assertThat(plain.candidates()).containsExactly("candidate");
    assertThat(
            plain.pointedAt(
                Map.of(
                    "control", URI.create("http://127.0.0.1:1"),
                    "candidate", URI.create("http://127.0.0.1:2"))))
        .contains("weight: 12.5%")
        .contains("url: http://127.0.0.1:1/v1")
        .contains("url: http://127.0.0.1:2/v1")
        .contains("header:x-user-id");
  }

  @Test
  void shouldKeepAUsersFileButForWhereItsVariantsAre(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("rollout.yaml"),
            """
            rollout: assistant
            unit: [body:user]
            variants:
              control:   {url: https://api.example.com/v1, model: a, credential: env:KEY}
              candidate: {url: https://api.example.com/v1, model: b}
              bold:      {url: https://api.example.com/v1, model: c}
            stages:
              - {weight: 5%, for: 7d}
            alpha: 0.02
            """);
    RolloutFile rollout = RolloutFile.read("rollout.yaml", Files.readString(file));
    String pointed =
        rollout.pointedAt(
            Map.of(
                "control", URI.create("http://127.0.0.1:1"),
                "candidate", URI.create("http://127.0.0.1:2"),
                "bold", URI.create("http://127.0.0.1:3")));

    assertThat(rollout.variants()).containsExactly("control", "candidate", "bold");
    assertThat(rollout.candidates()).containsExactlyInAnyOrder("candidate", "bold");
    assertThat(pointed)
        .contains("url: http://127.0.0.1:3/v1", "model: c", "alpha: 0.02", "weight: 5%")
        .doesNotContain("example.com", "env:KEY");
  }

  @Test
  void shouldSayWhatARolloutFileLacks() {
    assertThatThrownBy(() -> RolloutFile.read("r.yaml", "a: ["))
        .hasMessageContaining("r.yaml: is not YAML");
    assertThatThrownBy(() -> RolloutFile.read("r.yaml", "just text"))
        .hasMessage("r.yaml: the file: must be a mapping of names to values");
    assertThatThrownBy(() -> RolloutFile.read("r.yaml", "variants: {}"))
        .hasMessage("r.yaml: rollout: must be the rollout's name");
    assertThatThrownBy(
            () -> RolloutFile.read("r.yaml", "rollout: a\nvariants: {x: {url: u}, y: {url: v}}"))
        .hasMessageContaining("variants: must be control and at least one candidate, not [x, y]");
  }

  @Test
  void shouldReadWhatToKillAndWhen() {
    assertThat(KillSpec.parse("analytics@25s"))
        .isEqualTo(new KillSpec("analytics", Duration.ofSeconds(25)));
  }
}
