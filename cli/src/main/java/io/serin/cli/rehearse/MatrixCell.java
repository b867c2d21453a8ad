package io.serin.cli.rehearse;

import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.report.Expectation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One rehearsal of the matrix: a fault that begins in one stage of the pipeline, with every guard
 * set to roll back or with the default guards.
 *
 * @param kind of the fault; {@code none} for a candidate that stays good
 * @param stage that the fault begins in
 * @param strict whether every guard rolls back
 */
record MatrixCell(String kind, String stage, boolean strict) {

  /** A candidate that stays good. */
  static final String NONE = "none";

  /** The stages of the pipeline, in order. */
  static final List<String> STAGES = List.of("shadow", "5%", "25%", "50%", "100%");

  /** The column of the default guards, as it is asked for. */
  static final String DEFAULT_GUARDS = "default";

  /** The column of a rollback by hand while something keeps it from happening. */
  static final String RAILS = "rails";

  /** The stage that the faults of the default guards' column begin in. */
  private static final String DEFAULT_STAGE = "25%";

  private static final Map<String, String> VALUES =
      Map.of(
          "errors", "40%",
          "slow", "3x",
          "tokens", "3x",
          "refusals", "40%",
          "empty", "60%",
          "cut-stream", "60%",
          "hang", "60%");

  /** The kinds of fault, in the order of the table. */
  static final List<String> KINDS =
      List.of("errors", "slow", "tokens", "refusals", "empty", "cut-stream", "hang");

  /**
   * The cells that are asked for; those of late stages, which take longest, first.
   *
   * @param kinds of faults, or none
   * @param columns stages, or default
   * @throws IllegalArgumentException where one is not known
   */
  static List<MatrixCell> all(List<String> kinds, List<String> columns) {
    List<MatrixCell> cells = new ArrayList<>();
    for (String kind : kinds) {
      if (!rows().contains(kind)) {
        throw new IllegalArgumentException(
            "--faults: '"
                + kind
                + "' must be none or one of "
                + String.join(", ", rows().subList(1, rows().size())));
      }
    }
    for (String column : columns) {
      if (!columns().contains(column)) {
        throw new IllegalArgumentException(
            "--stages: '"
                + column
                + "' must be default, rails or one of "
                + String.join(", ", STAGES));
      }
    }
    if (kinds.contains(NONE)) {
      cells.add(new MatrixCell(NONE, STAGES.getLast(), false));
    }
    for (String stage : STAGES.reversed()) {
      for (String kind : KINDS) {
        if (kinds.contains(kind) && columns.contains(stage)) {
          cells.add(new MatrixCell(kind, stage, true));
        }
        if (kinds.contains(kind)
            && stage.equals(DEFAULT_STAGE)
            && columns.contains(DEFAULT_GUARDS)) {
          cells.add(new MatrixCell(kind, stage, false));
        }
      }
    }
    for (String kind : RailsFault.kinds()) {
      if (kinds.contains(kind) && columns.contains(RAILS)) {
        cells.add(new MatrixCell(kind, RAILS, true));
      }
    }
    return cells;
  }

  /** The rows of the table, in order. */
  static List<String> rows() {
    List<String> rows = new ArrayList<>(List.of(NONE));
    rows.addAll(KINDS);
    rows.addAll(RailsFault.kinds());
    return rows;
  }

  /** The columns of the table, in order. */
  static List<String> columns() {
    List<String> columns = new ArrayList<>(STAGES);
    columns.addAll(List.of(DEFAULT_GUARDS, RAILS));
    return columns;
  }

  /** What is to keep the rollback from happening; empty where a model goes wrong instead. */
  Optional<RailsFault> rails() {
    return RailsFault.of(kind);
  }

  /** The column of the table that it belongs to. */
  String column() {
    return strict || kind.equals(NONE) ? stage : DEFAULT_GUARDS;
  }

  /** The fault of the candidate; null for one that stays good. */
  @Nullable ScheduledFault fault() {
    return kind.equals(NONE) || rails().isPresent()
        ? null
        : ScheduledFault.parse("candidate:" + kind + "=" + VALUES.get(kind) + "@stage:" + stage);
  }

  Expectation expectation() {
    ScheduledFault fault = fault();
    if (rails().isPresent()) {
      return Expectation.ROLLBACK;
    }
    return fault == null ? Expectation.PROMOTE : Expectations.of(fault.fault(), strict);
  }

  /** A name for its rollout. */
  String rollout() {
    return "matrix-" + kind + "-" + column().replace("%", "");
  }

  @Override
  public String toString() {
    if (rails().isPresent()) {
      return kind + ", then a rollback by hand";
    }
    return kind.equals(NONE)
        ? "no fault, all stages"
        : kind + " in " + stage + (strict ? "" : " with the default guards");
  }
}
