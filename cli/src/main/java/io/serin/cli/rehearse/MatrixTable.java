package io.serin.cli.rehearse;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Writes what came of the matrix: as a table, a line a cell, or JSON. */
final class MatrixTable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WIDTH = 20;
  private static final int ROW = 16;

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
    StringBuilder text = new StringBuilder();
    text.append(pad("fault", ROW));
    columns.forEach(
        column ->
            text.append(
                pad(column.equals(MatrixCell.DEFAULT_GUARDS) ? "default guards" : column, WIDTH)));
    text.append('\n');
    for (String row : MatrixCell.rows()) {
      List<MatrixResult> ofRow = results.stream().filter(r -> r.cell().kind().equals(row)).toList();
      if (ofRow.isEmpty()) {
        continue;
      }
      text.append(pad(row, ROW));
      for (String column : columns) {
        text.append(
            pad(
                ofRow.stream()
                    .filter(r -> r.cell().column().equals(column))
                    .map(MatrixResult::brief)
                    .findFirst()
                    .orElse("-"),
                WIDTH));
      }
      text.append('\n');
    }
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
    ObjectNode root = JSON.createObjectNode();
    root.put("ok", results.stream().allMatch(MatrixResult::ok));
    ArrayNode cells = root.putArray("cells");
    for (MatrixResult result : results) {
      Duration took = result.took();
      cells
          .addObject()
          .put("fault", result.cell().kind())
          .put("stage", result.cell().stage())
          .put("guards", result.cell().strict() ? "all roll back" : "default")
          .put("expected", result.cell().expectation().name())
          .put("ok", result.ok())
          .put("outcome", result.outcome())
          .put("cause", result.cause())
          .put("tookMillis", took == null ? null : Long.valueOf(took.toMillis()))
          .put("requests", result.requests())
          .put("problem", result.problem());
    }
    return root.toPrettyString();
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(1, width - text.length()));
  }
}
