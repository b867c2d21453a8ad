package io.serin.cli.rehearse;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.report.TextTable;
import io.serin.schemas.json.JsonText;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Writes what came of the matrix: as a table, a line a cell, or JSON. */
final class MatrixTable {

  private MatrixTable() {}

  /** One finished cell as a line. */
  static String line(int done, int all, MatrixResult result) {
    Duration took = result.took();
    return String.format(
        Locale.ROOT,
        "[%2d/%d] %-42s %-24s %s%s",
        done,
        all,
        result.cell(),
        result.outcome(),
        took == null ? "" : String.format(Locale.ROOT, "%.1f s", took.toMillis() / 1e3),
        result.ok() ? "" : "  FAILED: " + result.problem());
  }

  /** All of them: faults down, stages across. */
  static String text(List<MatrixResult> results) {
    List<String> columns =
        MatrixCell.columns().stream()
            .filter(column -> results.stream().anyMatch(r -> r.cell().column().equals(column)))
            .toList();
    TextTable table =
        TextTable.of(
            Stream.concat(
                    Stream.of("fault"),
                    columns.stream()
                        .map(
                            column ->
                                column.equals(MatrixCell.DEFAULT_GUARDS)
                                    ? "default guards"
                                    : column))
                .toArray(String[]::new));
    for (String row : MatrixCell.rows()) {
      List<MatrixResult> ofRow = results.stream().filter(r -> r.cell().kind().equals(row)).toList();
      if (!ofRow.isEmpty()) {
        table.row(
            Stream.concat(Stream.of(row), columns.stream().map(column -> brief(ofRow, column)))
                .toArray(String[]::new));
      }
    }
    StringBuilder text = new StringBuilder(table.text(""));
    long failed = results.stream().filter(result -> !result.ok()).count();
    text.append(
        "\nback: rolled back in that stage, and how long after the first bad answer every router served control only;"
            + " rails: how long after a rollback by hand.\n");
    text.append(
        failed == 0
            ? "All %d cells went as they should.%n".formatted(results.size())
            : "%d of %d cells FAILED.%n".formatted(failed, results.size()));
    return text.toString();
  }

  /** One JSON object, indented. */
  static String json(List<MatrixResult> results) {
    ObjectNode root = JsonText.object();
    root.put("ok", results.stream().allMatch(MatrixResult::ok));
    root.putPOJO(
        "cells",
        results.stream()
            .map(
                result ->
                    JsonText.object()
                        .put("fault", result.cell().kind())
                        .put("stage", result.cell().stage())
                        .put("guards", result.cell().strict() ? "all roll back" : "default")
                        .putPOJO("expected", result.cell().expectation())
                        .put("ok", result.ok())
                        .put("outcome", result.outcome())
                        .put("cause", result.cause())
                        .putPOJO("tookMillis", result.took())
                        .put("requests", result.requests())
                        .put("problem", result.problem()))
            .toList());
    return JsonText.indented(root);
  }

  private static String brief(List<MatrixResult> row, String column) {
    return row.stream()
        .filter(result -> result.cell().column().equals(column))
        .map(MatrixResult::brief)
        .findFirst()
        .orElse("-");
  }
}
