package io.serin.cli.rehearse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.rehearsal.fault.ModelFault;
import io.serin.rehearsal.fault.When;
import io.serin.rehearsal.report.Expectation;
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
        "--expect success | --expect: 'success' must be rollback, promote, hold, flag, investigate"
            + " or any",
        "--share 130% | --share is 130%: must lie between 0% and 100%",
        "--speed 10x | --speed: only with --trace",
        "--trace nowhere.csv | --trace: file not found: nowhere.csv",
        "--trace nowhere.csv --rate 5 | --rate: not with --trace",
        "--candidate nowhere.jsonl | --candidate: file not found: nowhere.jsonl",
        "--rollout nowhere.yaml | --rollout: file not found: nowhere.yaml",
        "--rollout a.yaml --share 5% | --share: not with --rollout",
        "--kill analytics | --kill 'analytics' must be PROCESS@WHEN",
        "--kill analytics@stage:5% | --kill analytics: stage '5%' must be one of 25%",
        "--fault candidate:hang@stage:5% | stage '5%' must be one of 25%",
        "--pipeline --fault candidate:hang@stage:30% | must be one of shadow, 5%, 25%, 50%, 100%",
        "--pipeline --share 5% | --share: not with --pipeline",
        "--pipeline --rollout a.yaml | --pipeline: not with --rollout",
        "--stage-length 5s | --stage-length: only with --pipeline",
        "--strict | --strict: only with --pipeline",
        "--after-decision later | --after-decision is later: must be a number with ms, s, m, h, d"
            + " or w",
        "--name a/b | rollout file: ",
        "--kill teapot@5s | --kill: PROCESS 'teapot' must be one of broker, registry, worker,"
            + " analytics, router",
        "--kill router-3@5s --routers 2 | must be one of broker, registry, worker, analytics,"
            + " router, router-2",
        "--duration soon | --duration is soon: must be a number with ms, s, m, h, d or w",
        "--duration 0s | duration: 0ms must be more than 0",
        "--requests 0 | requests: 0 must be at least 1",
        "--router http://127.0.0.1:1 | --router and --control-api: a running installation needs"
            + " both",
        "--router http://127.0.0.1:1 --control-api http://127.0.0.1:2 | --kafka: a running"
            + " installation needs it",
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
    RehearsedFile plain = RehearsedFile.plain("rehearsal", 0.125);

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
  void shouldRehearseTheDefaultPipelineAtHighSpeed() {
    RehearsedFile pipeline = RehearsedFile.pipeline("fast", Duration.ofSeconds(9), false);

    assertThat(pipeline.rollout()).isEqualTo("fast");
    assertThat(pipeline.stages()).containsExactly("shadow", "5%", "25%", "50%", "100%");
    assertThat(pipeline.pointedAt(Map.of())).contains("for: 9000ms", "bake: 9000ms");
    assertThat(pipeline.pointedAt(Map.of())).as("the default guards").doesNotContain("guards");
    assertThat(RehearsedFile.pipeline("strict", Duration.ofSeconds(9), true).stages()).hasSize(5);
  }

  @Test
  void shouldExpectWhatTheGuardsAreFor() {
    assertThat(Expectations.of(new ModelFault.Tokens(3), false)).isEqualTo(Expectation.FLAG);
    assertThat(Expectations.of(new ModelFault.Refusals(1), false))
        .isEqualTo(Expectation.INVESTIGATE);
    assertThat(Expectations.of(new ModelFault.Refusals(1), true)).isEqualTo(Expectation.ROLLBACK);
    assertThat(Expectations.of(new ModelFault.Hang(1), false)).isEqualTo(Expectation.ROLLBACK);
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
    RehearsedFile rollout = RehearsedFile.read("rollout.yaml", Files.readString(file));
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
    assertThatThrownBy(() -> RehearsedFile.read("r.yaml", "a: ["))
        .hasMessageContaining("r.yaml: line 1: not YAML");
    assertThatThrownBy(() -> RehearsedFile.read("r.yaml", "just text"))
        .hasMessage("r.yaml: line 1: the file must be a mapping of fields");
    assertThatThrownBy(() -> RehearsedFile.read("r.yaml", "variants: {}"))
        .hasMessage("r.yaml: line 1: rollout is missing: it is required");
    assertThatThrownBy(
            () -> RehearsedFile.read("r.yaml", "rollout: a\nvariants: {x: {url: u}, y: {url: v}}"))
        .hasMessageContaining("variants must be control and at least one candidate, not [x, y]");
  }

  @Test
  void shouldReadWhatToKillAndWhen() {
    assertThat(KillSpec.parse("analytics@25s"))
        .isEqualTo(new KillSpec("analytics", new When(null, Duration.ofSeconds(25))));
    assertThat(KillSpec.parse("analytics@stage:25%+2s"))
        .isEqualTo(new KillSpec("analytics", new When("25%", Duration.ofSeconds(2))));
  }
}
