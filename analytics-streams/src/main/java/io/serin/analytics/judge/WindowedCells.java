package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.Counted;
import io.serin.analytics.judge.CellKey.Folded;
import io.serin.analytics.judge.CellKey.Index;
import io.serin.analytics.judge.CellKey.Settled;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * A process's counts by window, kept in cells and bounded: once two hours of windows are open, all
 * but the newest hour are folded into one cell for the process and one for each stratum. A record
 * may come an hour late and still count in its own window; a later one counts in the first open
 * one. When to fold follows from the state, so a restart does not change it.
 */
final class WindowedCells {
  /** Windows that stay open: an hour. */
  static final long OPEN_WINDOWS = 3_600_000 / Strata.WINDOW;

  private static final Folded FOLDED = new Folded();

  private final Cells cells;
  private final String owner;
  private final int size;
  private boolean begun;
  private long from;

  /**
   * @param size counts of a window's cell
   */
  WindowedCells(Cells cells, String owner, int size) {
    this.cells = cells;
    this.owner = owner;
    this.size = size;
    long[] state = folded();
    if (state.length > 0) {
      begun = true;
      from = state[0];
    } else {
      open().keySet().stream().mapToLong(Counted::window).min().ifPresent(this::begin);
    }
  }

  /** The state of the process, whose first value is the newest folded window; empty without. */
  long[] folded() {
    return cells.of(owner).getOrDefault(FOLDED, new long[0]);
  }

  /** Counts of open windows. */
  Map<Counted, long[]> open() {
    return select(Counted.class);
  }

  /** Counts of folded windows, by stratum. */
  Map<Settled, long[]> settled() {
    return select(Settled.class);
  }

  private <T extends Index> Map<T, long[]> select(Class<T> type) {
    Map<T, long[]> found = new HashMap<>();
    cells
        .of(owner)
        .forEach(
            (index, counts) -> {
              if (type.isInstance(index)) {
                found.put(type.cast(index), counts);
              }
            });
    return found;
  }

  /**
   * Counts once more.
   *
   * @param open the window that the process counted in
   */
  void add(long open, int version, StratumId stratum, int at) {
    cells.add(owner, new Counted(open, version, stratum), size, at, 1);
  }

  /**
   * Folds where it is due.
   *
   * @param window of the count that came last
   * @param foldBefore folds the process's windows before this one and gives the newest that is
   * @return whether windows were folded: {@link #keep} then takes what follows from them
   */
  boolean fold(long window, LongUnaryOperator foldBefore) {
    begin(window);
    if (window < from + 2 * OPEN_WINDOWS) {
      return false;
    }
    long through = foldBefore.applyAsLong(window - OPEN_WINDOWS);
    if (through <= from) {
      return false;
    }
    from = through;
    for (Counted each : List.copyOf(open().keySet())) {
      if (each.window() <= through) {
        cells.remove(owner, each);
      }
    }
    return true;
  }

  /** Takes the folded state of the process and the counts of all folded windows. */
  void keep(long[] folded, Map<Settled, long[]> settled) {
    cells.set(owner, FOLDED, folded);
    for (Settled each : List.copyOf(settled().keySet())) {
      if (!settled.containsKey(each)) {
        cells.remove(owner, each);
      }
    }
    settled.forEach((index, counts) -> cells.set(owner, index, counts));
  }

  private void begin(long window) {
    if (!begun || window < from) {
      from = begun ? Math.min(from, window) : window;
      begun = true;
    }
  }
}
