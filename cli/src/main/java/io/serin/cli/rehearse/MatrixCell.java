package io.serin.cli.rehearse;

import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.report.Expectation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
      if (!kind.equals(NONE) && !KINDS.contains(kind)) {
        throw new IllegalArgumentException(
            "--faults: '" + kind + "' must be none or one of " + String.join(", ", KINDS));
      }
    }
    for (String column : columns) {
      if (!column.equals(DEFAULT_GUARDS) && !STAGES.contains(column)) {
        throw new IllegalArgumentException(
            "--stages: '" + column + "' must be default or one of " + String.join(", ", STAGES));
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
    return cells;
  }

  /** The column of the table that it belongs to. */
  String column() {
    return strict || kind.equals(NONE) ? stage : DEFAULT_GUARDS;
  }

  /** The fault; null for a candidate that stays good. */
  @Nullable ScheduledFault fault() {
    return kind.equals(NONE)
        ? null
        : ScheduledFault.parse("candidate:" + kind + "=" + VALUES.get(kind) + "@stage:" + stage);
  }

  Expectation expectation() {
    ScheduledFault fault = fault();
    return fault == null ? Expectation.PROMOTE : RehearseCommand.expected(fault.fault(), strict);
  }

  /** A name for its rollout. */
  String rollout() {
    return "matrix-" + kind + "-" + column().replace("%", "");
  }

  @Override
  public String toString() {
    return kind.equals(NONE)
        ? "no fault, all stages"
        : kind + " in " + stage + (strict ? "" : " with the default guards");
  }
}
