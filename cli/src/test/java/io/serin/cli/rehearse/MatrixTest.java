package io.serin.cli.rehearse;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.report.Expectation;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Which cells the matrix has, and how it tells of them. */
class MatrixTest {

  @Test
  void shouldHaveEveryFaultInEveryStage() {
    List<MatrixCell> cells =
        MatrixCell.all(
            List.of("none", "errors", "slow", "tokens", "refusals", "empty", "cut-stream", "hang"),
            List.of("shadow", "5%", "25%", "50%", "100%", "default"));

    assertThat(cells).hasSize(7 * 6 + 1).doesNotHaveDuplicates();
    assertThat(cells).extracting(MatrixCell::rollout).doesNotHaveDuplicates();
    assertThat(cells.stream().map(MatrixCell::fault).filter(Objects::nonNull))
        .hasSize(42)
        .allMatch(fault -> ScheduledFault.parse(fault.toString()).equals(fault));
    assertThat(cells.getFirst().expectation()).isEqualTo(Expectation.PROMOTE);
  }

  @Test
  void shouldTryEveryWayToKeepARollbackFromHappening() {
    List<MatrixCell> cells = MatrixCell.all(MatrixCell.rows(), List.of("rails"));

    assertThat(cells)
        .extracting(MatrixCell::toString)
        .containsExactly(
            "no fault, all stages",
            "unservable, then a rollback by hand",
            "oversized, then a rollback by hand",
            "throwing-judge, then a rollback by hand",
            "dead-tail, then a rollback by hand",
            "poison, then a rollback by hand");
    assertThat(cells).extracting(MatrixCell::rollout).doesNotHaveDuplicates();
  }

  @Test
  void shouldMakeOnlyTheCandidateUnservable() {
    String yaml =
        RehearsedFile.plain("a", 0.5)
            .pointedAt(
                Map.of(
                    "control", URI.create("http://127.0.0.1:1"),
                    "candidate", URI.create("http://127.0.0.1:2")));

    assertThat(RailsFault.unservable(yaml))
        .containsOnlyOnce("credential: env:SERIN_REHEARSAL_IS_NOT_SET")
        .containsPattern("(?s)candidate:.*credential:");
  }

  @Test
  void shouldExpectARollbackOnlyWhereTheGuardsAreSoSet() {
    assertThat(new MatrixCell("tokens", "25%", true).expectation()).isEqualTo(Expectation.ROLLBACK);
    assertThat(new MatrixCell("tokens", "25%", false).expectation()).isEqualTo(Expectation.FLAG);
    assertThat(new MatrixCell("refusals", "25%", false).expectation())
        .isEqualTo(Expectation.INVESTIGATE);
    assertThat(new MatrixCell("slow", "25%", false).expectation()).isEqualTo(Expectation.ROLLBACK);
  }

  @Test
  void shouldShowFaultsDownAndStagesAcross() {
    List<MatrixResult> results =
        List.of(
            result("none", "100%", false, "promoted", 61_000, ""),
            result("errors", "5%", true, "rolled back in 5%", 2_140, ""),
            result("errors", "25%", true, "rolled back in 50%", 9_000, "it came in stage 50%"),
            result("tokens", "25%", false, "flagged", 3_000, ""));

    assertThat(MatrixTable.text(results))
        .containsPattern("fault +5% +25% +100% +default guards")
        .containsPattern("none +- +- +promoted 61.0 s +-")
        .containsPattern("errors +back 2.1 s +FAILED +- +-")
        .containsPattern("tokens +- +- +- +flagged 3.0 s")
        .contains("1 of 4 cells FAILED.");
    assertThat(MatrixTable.line(3, 4, results.get(2)))
        .contains("[ 3/4] errors in 25%", "FAILED: it came in stage 50%");
    assertThat(MatrixTable.json(results))
        .contains("\"ok\" : false", "\"tookMillis\" : 2140", "\"guards\" : \"default\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--faults smoke | --faults: 'smoke' must be none or one of errors, slow",
        "--stages 30% | --stages: '30%' must be default, rails or one of shadow, 5%",
        "--cells errors | --cells: 'errors' must be none or KIND@STAGE",
        "--cells errors@30% | --stages: '30%' must be",
        "--cells errors@rails | does not exist: rails has the kinds [unservable, oversized",
        "--cells errors@5% --faults slow | --cells: not with --faults or --stages",
        "--parallel 0 | --parallel: 0 must be from 1 to 64",
        "--rate 0 | --rate: 0.0 must be more than 0",
        "--limit long | --limit is long: must be a number with ms, s, m, h, d or w",
        "--router http://127.0.0.1:1 | a running installation needs both",
      })
  void shouldRefuseBeforeAnythingIsStarted(String arguments, String message) {
    CommandLine line = new CommandLine(new MatrixCommand());
    StringWriter err = new StringWriter();
    line.setErr(new PrintWriter(err));

    assertThat(line.execute(arguments.split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }

  private static MatrixResult result(
      String kind, String stage, boolean strict, String outcome, long millis, String problem) {
    return new MatrixResult(
        new MatrixCell(kind, stage, strict),
        outcome,
        Duration.ofMillis(millis),
        "cause",
        100,
        problem);
  }
}
