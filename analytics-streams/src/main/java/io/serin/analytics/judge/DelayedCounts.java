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

  /**
   * A both-outcome bet on first requests that counts each from the second on in which the side of
   * either arm's would be known. Slow answers are else missing among those of their time, and the
   * answers of the faster arm would be taken for evidence. Not thread-safe.
   */
  static final class Exceeding {
    /**
     * A first request whose side of its threshold is known.
     *
     * @param due second of event time after which it counts; the smallest long: at once
     * @param window of event time that it counts in
     * @param version of the threshold
     * @param over whether it lies above
     */
    record Told(
        long due, long window, int version, StratumId stratum, boolean candidate, boolean over) {}

    /** Hears of each unit that is counted. */
    interface Listener {
      void unit(StratumId stratum, boolean candidate);
    }

    private final Exceedances counted;
    private final DelayedCounts delayed;
    private final EventClock clock;

    Exceeding(Exceedances counted, Cells cells, String owner, EventClock clock) {
      this.counted = counted;
      this.delayed = new DelayedCounts(cells, owner, 4);
      this.clock = clock;
    }

    /** What is counted by now. */
    Exceedances counted() {
      return counted;
    }

    /** Counts a first request, now or when it is due. */
    void add(Told told, Listener unit) {
      if (clock.passed(told.due)) {
        counted.add(told.window, told.version, told.stratum, told.candidate, told.over);
        unit.unit(told.stratum, told.candidate);
      } else {
        delayed.add(
            told.due, told.version, told.stratum, (told.candidate ? 0 : 2) + (told.over ? 0 : 1));
      }
    }

    /** Counts what is due by now. */
    void release(Listener unit) {
      delayed.release(
          clock,
          (second, version, stratum, counts) -> {
            long window = window(second);
            for (int at = 0; at < counts.length; at++) {
              for (long n = counts[at]; n > 0; n--) {
                counted.add(window, version, stratum, at < 2, at % 2 == 0);
                unit.unit(stratum, at < 2);
              }
            }
          });
    }

    /** The window of what is due in this second. */
    static long window(long second) {
      return Strata.window(second * 1_000);
    }
  }
}
