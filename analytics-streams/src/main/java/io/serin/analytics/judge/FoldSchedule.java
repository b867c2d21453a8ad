package io.serin.analytics.judge;

import java.util.List;
import java.util.OptionalLong;

/**
 * When a process folds its old windows: once two hours of windows are open, all but the newest
 * hour. A record may come an hour late and still count in its own window; a later one counts in the
 * first open window. The schedule follows from the state, and a restart does not change it.
 */
final class FoldSchedule {
  /** Name of the cell that holds a folded state. */
  static final String FOLDED = "folded";

  /** Name of the cells that hold the sums of folded windows. */
  static final String SETTLED = "settled";

  /** Windows that stay open: an hour. */
  static final long OPEN_WINDOWS = 3_600_000 / Strata.WINDOW;

  private boolean begun;
  private long from;

  private FoldSchedule(boolean begun, long from) {
    this.begun = begun;
    this.from = from;
  }

  /**
   * @param folded the folded state, whose first value is the newest folded window; or empty
   * @param oldest the oldest open window
   */
  static FoldSchedule of(long[] folded, OptionalLong oldest) {
    return folded.length > 0
        ? new FoldSchedule(true, folded[0])
        : new FoldSchedule(oldest.isPresent(), oldest.orElse(0));
  }

  boolean due(long window) {
    if (!begun || window < from) {
      from = begun ? Math.min(from, window) : window;
      begun = true;
    }
    return window >= from + 2 * OPEN_WINDOWS;
  }

  long before(long window) {
    return window - OPEN_WINDOWS;
  }

  /** Notes that windows up to this one are folded; false where that is nothing new. */
  boolean folded(long through) {
    if (through <= from) {
      return false;
    }
    from = through;
    return true;
  }

  /** Removes the cells of windows up to this one. */
  static void removeWindows(Cells cells, String prefix, long through) {
    String start = Cells.name(prefix, "");
    for (String name : List.copyOf(cells.under(start).keySet())) {
      String head = name.substring(start.length()).split("\\|", 2)[0];
      if (!head.equals(FOLDED) && !head.equals(SETTLED) && Long.parseLong(head) <= through) {
        cells.remove(name);
      }
    }
  }
}
