package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.Counted;
import io.serin.analytics.observation.EventClock;
import java.util.Comparator;
import java.util.HashMap;
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

  private static final Comparator<Counted> IN_ORDER =
      Comparator.comparingInt(Counted::version).thenComparing(Counted::stratum);

  private final Cells cells;
  private final String owner;
  private final int size;
  private final NavigableMap<Long, NavigableMap<Counted, long[]>> bySecond = new TreeMap<>();

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
                bySecond
                    .computeIfAbsent(of.window(), s -> new TreeMap<>(IN_ORDER))
                    .put(of, counts.clone());
              }
            });
  }

  void add(long second, int version, StratumId stratum, int at) {
    Counted of = new Counted(second, version, stratum);
    bySecond.computeIfAbsent(second, s -> new TreeMap<>(IN_ORDER))
        .computeIfAbsent(of, added -> new long[size])[at]++;
    cells.add(owner, of, size, at, 1);
  }

  /** Gives away what is due, the oldest second first. */
  void release(EventClock clock, Due due) {
    while (!bySecond.isEmpty() && clock.passed(bySecond.firstKey())) {
      bySecond
          .pollFirstEntry()
          .getValue()
          .forEach(
              (of, counts) -> {
                cells.remove(owner, of);
                due.counted(of.window(), of.version(), of.stratum(), counts);
              });
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
