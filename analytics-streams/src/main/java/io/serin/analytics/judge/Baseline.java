package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.InWindow;
import io.serin.statistics.design.PointMargin;
import io.serin.statistics.sequential.Stratum;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Control's rate of an event, read before the events that it judges: what turns a margin in points
 * into a relative one, m = (p₀+δ)/p₀, with p₀ control's lower limit at 95 %, floored at 0.1 %. A
 * version is read from whole 10 s windows when control has 100, 400, 1,600 … units in them, and
 * fixed as {@link Thresholds} are.
 */
final class Baseline {
  private static final int FEWEST = 100;
  private static final int GROWTH = 4;
  private static final double LEVEL = 0.05;

  private record Version(int number, double margin) {}

  private final double points;
  private final Cells cells;
  private final String fixed;
  private final String counted;
  private final TreeMap<Long, long[]> open = new TreeMap<>();
  private final TreeMap<Long, Version> versions = new TreeMap<>();
  private final long[] read = new long[2];
  private long readThrough = Long.MIN_VALUE;
  private long wanted = FEWEST;

  /**
   * @param points δ, as a share
   */
  Baseline(double points, Cells cells, String owner) {
    this.points = points;
    this.cells = cells;
    this.fixed = Cells.owner(owner, "baseline", "from");
    this.counted = Cells.owner(owner, "baseline", "open");
    cells.of(fixed).values().stream()
        .sorted(Comparator.comparingLong(c -> c[0]))
        .forEach(c -> remember(c[0], c[1], c[2], c[3]));
    cells
        .of(counted)
        .forEach(
            (index, counts) -> {
              if (index instanceof InWindow in) {
                open.put(in.window(), counts.clone());
              }
            });
  }

  /** Number of the version that holds at this event time; 0 before the first. */
  int version(long eventTime) {
    Map.Entry<Long, Version> entry = versions.floorEntry(eventTime);
    return entry == null ? 0 : entry.getValue().number;
  }

  double margin(int version) {
    return versions.values().stream()
        .filter(v -> v.number == version)
        .findFirst()
        .map(Version::margin)
        .orElseGet(() -> Stratum.marginOfPoints(0, points));
  }

  /** Fixes what is due at this event time. */
  void advance(long eventTime) {
    long units = read[0];
    long events = read[1];
    Long last = null;
    for (Map.Entry<Long, long[]> entry : open.entrySet()) {
      if (Strata.closed(entry.getKey()) > eventTime) {
        break;
      }
      units += entry.getValue()[0];
      events += entry.getValue()[1];
      if (units >= wanted) {
        last = entry.getKey();
        break;
      }
    }
    if (last != null) {
      long from = Strata.closed(last);
      cells.set(fixed, new CellKey.Version(from), from, last, units, events);
      remember(from, last, units, events);
      for (Long window : List.copyOf(open.headMap(last, true).keySet())) {
        open.remove(window);
        cells.remove(counted, new InWindow(window));
      }
      advance(eventTime);
    }
  }

  /** Counts a unit of control, or its first event. */
  void learn(long window, boolean event) {
    if (window > readThrough) {
      int index = event ? 1 : 0;
      open.computeIfAbsent(window, w -> new long[2])[index]++;
      cells.add(counted, new InWindow(window), 2, index, 1);
    }
  }

  private void remember(long from, long through, long units, long events) {
    read[0] = units;
    read[1] = events;
    readThrough = through;
    while (wanted <= units) {
      wanted *= GROWTH;
    }
    double margin = new PointMargin(points, Math.min(events, units), units, LEVEL).relative();
    versions.put(from, new Version(versions.size() + 1, margin));
  }
}
