package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.Counted;
import io.serin.analytics.observation.EventClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Counts that become evidence at a later second of event time, kept in cells: one for each second,
 * version and stratum, so their number is bounded by the longest delay. Not thread-safe.
 */
final class DelayedCounts {
  /** Takes a cell whose second has passed. */
  interface Due {
    void counted(long second, int version, StratumId stratum, long[] counts);
  }

  private final Cells cells;
  private final String owner;
  private final int size;
  private final NavigableMap<Long, Map<Counted, long[]>> bySecond = new TreeMap<>();

  /**
   * @param size counts of a cell
   */
  DelayedCounts(Cells cells, String owner, int size) {
    this.cells = cells;
    this.owner = owner;
    this.size = size;
    cells
        .of(owner)
        .forEach(
            (index, counts) -> {
              if (index instanceof Counted of) {
                bySecond.computeIfAbsent(of.window(), s -> new HashMap<>()).put(of, counts.clone());
              }
            });
  }

  void add(long second, int version, StratumId stratum, int at) {
    Counted of = new Counted(second, version, stratum);
    bySecond.computeIfAbsent(second, s -> new HashMap<>())
        .computeIfAbsent(of, added -> new long[size])[at]++;
    cells.add(owner, of, size, at, 1);
  }

  /** Gives away what is due, the oldest second first. */
  void release(EventClock clock, Due due) {
    while (!bySecond.isEmpty() && clock.passed(bySecond.firstKey())) {
      Map.Entry<Long, Map<Counted, long[]>> first = bySecond.pollFirstEntry();
      List<Counted> inOrder = new ArrayList<>(first.getValue().keySet());
      inOrder.sort(
          (a, b) ->
              a.version() != b.version()
                  ? Integer.compare(a.version(), b.version())
                  : a.stratum().compareTo(b.stratum()));
      for (Counted of : inOrder) {
        cells.remove(owner, of);
        due.counted(of.window(), of.version(), of.stratum(), first.getValue().get(of));
      }
    }
  }

  /** What is not due yet, by stratum. */
  Map<StratumId, long[]> waiting() {
    Map<StratumId, long[]> sums = new HashMap<>();
    bySecond
        .values()
        .forEach(
            cellsOfSecond ->
                cellsOfSecond.forEach(
                    (of, counts) -> {
                      long[] sum = sums.computeIfAbsent(of.stratum(), s -> new long[size]);
                      for (int i = 0; i < size; i++) {
                        sum[i] += counts[i];
                      }
                    }));
    return sums;
  }
}
