package io.serin.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table for a terminal: each column as wide as its widest cell, two blanks between columns, no
 * blanks at the end of a line. For one thread.
 */
public final class TextTable {

  private static final String RIGHT = ">";
  private static final String GAP = "  ";

  private final List<Boolean> right = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();
  private final boolean headless;

  private TextTable(boolean headless, String... heads) {
    this.headless = headless;
    List<String> row = new ArrayList<>();
    for (String head : heads) {
      right.add(head.startsWith(RIGHT));
      row.add(headless ? "" : head.startsWith(RIGHT) ? head.substring(1) : head);
    }
    rows.add(row);
  }

  /**
   * A table with a first line of heads.
   *
   * @param heads one for each column; {@code >} before a head aligns its column to the right
   */
  public static TextTable of(String... heads) {
    return new TextTable(false, heads);
  }

  /**
   * A table without a first line.
   *
   * @param columns one for each column: {@code >} aligns to the right, {@code <} to the left
   */
  public static TextTable plain(String... columns) {
    return new TextTable(true, columns);
  }

  /** Adds a line; cells that are missing at its end stay empty. */
  public TextTable row(String... cells) {
    if (cells.length > right.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells for " + right.size() + " columns: " + List.of(cells));
    }
    rows.add(List.of(cells));
    return this;
  }

  /** All lines, each ended by a line feed. */
  public String text(String indent) {
    int[] widths =
        IntStream.range(0, right.size())
            .map(
                column -> rows.stream().mapToInt(row -> cell(row, column).length()).max().orElse(0))
            .toArray();
    return rows.stream()
        .skip(headless ? 1 : 0)
        .map(row -> indent + line(row, widths))
        .map(line -> line.stripTrailing() + "\n")
        .collect(Collectors.joining());
  }

  private String line(List<String> row, int[] widths) {
    return IntStream.range(0, widths.length)
        .mapToObj(
            column -> {
              String cell = cell(row, column);
              String blanks = " ".repeat(widths[column] - cell.length());
              return right.get(column) ? blanks + cell : cell + blanks;
            })
        .collect(Collectors.joining(GAP));
  }

  private static String cell(List<String> row, int column) {
    return column < row.size() ? row.get(column) : "";
  }
}
