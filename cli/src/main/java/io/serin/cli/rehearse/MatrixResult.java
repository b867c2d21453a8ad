package io.serin.cli.rehearse;

import io.serin.rehearsal.report.Expectation;
import io.serin.rehearsal.report.RehearsalReport;
import io.serin.rehearsal.report.StageStay;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What came of one cell of the matrix.
 *
 * @param outcome in a word or two
 * @param took from the first bad answer until no router served the candidate, or until the flag; of
 *     a promotion, from the traffic's start; null where there is no such time
 * @param cause of the decision
 * @param problem why it failed; empty where it went as it should
 */
record MatrixResult(
    MatrixCell cell,
    String outcome,
    @Nullable Duration took,
    String cause,
    long requests,
    String problem) {

  static MatrixResult of(MatrixCell cell, RehearsalReport report) {
    String outcome =
        switch (report.decided()) {
          case ROLLBACK ->
              "rolled back in "
                  + report
                      .stages()
                      .endedBy(StageStay.Ending.ROLLED_BACK)
                      .map(StageStay::name)
                      .orElse("no stage");
          case PROMOTE -> "promoted";
          case HOLD, ANY, FLAG, INVESTIGATE -> told(report) == null ? "no decision" : "flagged";
        };
    RolloutEvent told = told(report);
    if (told != null && told.getKind() == EventKind.INVESTIGATE && report.rollback() == null) {
      outcome = "investigated";
    }
    return new MatrixResult(
        cell,
        outcome,
        took(report, told),
        cause(report, told),
        report.facts().sent().size(),
        problem(report));
  }

  /** A cell that could not be rehearsed. */
  static MatrixResult failed(MatrixCell cell, String why) {
    return new MatrixResult(cell, "not held", null, "", 0, why);
  }

  boolean ok() {
    return problem.isEmpty();
  }

  private static @Nullable Duration took(RehearsalReport report, @Nullable RolloutEvent told) {
    Instant bad = report.firstBad();
    if (report.decided() == Expectation.PROMOTE) {
      return report
          .stages()
          .endedBy(StageStay.Ending.PROMOTED)
          .map(StageStay::left)
          .map(at -> Duration.between(report.facts().trafficStart(), at))
          .orElse(null);
    }
    if (report.rollback() == null && told != null && bad != null) {
      return Duration.between(bad, told.getAt());
    }
    return report.untilGone();
  }

  private static String cause(RehearsalReport report, @Nullable RolloutEvent told) {
    var rollback = report.rollback();
    if (rollback != null) {
      return rollback.command().getCause();
    }
    return told == null
        ? report.stages().endedBy(StageStay.Ending.PROMOTED).map(StageStay::endedBecause).orElse("")
        : told.getText();
  }

  private static @Nullable RolloutEvent told(RehearsalReport report) {
    EventKind kind = report.facts().expectation().event();
    return report.facts().seen().events().stream()
        .filter(event -> event.getRun().equals(report.facts().run()) && event.getKind() == kind)
        .findFirst()
        .orElse(null);
  }

  private static String problem(RehearsalReport report) {
    return switch (report.exitCode()) {
      case RehearsalReport.EXIT_OK -> "";
      case RehearsalReport.EXIT_UNEXPECTED -> report.metBecause();
      case RehearsalReport.EXIT_CLIENT_ERROR -> "clients saw errors: " + report.errors();
      default -> "not exact: " + String.join("; ", report.counts().problems());
    };
  }

  /** In a few characters, for the table. */
  String brief() {
    Duration time = took;
    String seconds =
        time == null ? "" : String.format(Locale.ROOT, " %.1f s", time.toMillis() / 1e3);
    if (!ok()) {
      return "FAILED";
    }
    return switch (outcome) {
      case "promoted" -> "promoted" + seconds;
      case "flagged", "investigated" -> outcome + seconds;
      default -> "back" + seconds;
    };
  }
}
