package io.serin.analytics.policy;

import io.serin.analytics.rollout.Variant;
import io.serin.statistics.sketch.LogSketch;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The thresholds c_q that latencies or tokens are held against: quantiles of control's first
 * requests, read before the requests that they judge, streamed answers and others apart. A version
 * is fixed once {@value #FEWEST} control units were seen, and holds from the next 10 s window on;
 * another follows each hour. A shadow stage or the first windows of a run give the first.
 */
final class Thresholds {
  static final int FEWEST = 100;
  private static final long REFRESH_WINDOWS = 360;

  /**
   * One version.
   *
   * @param number unique over both kinds of answers
   * @param from first window that it holds for
   */
  record Version(int number, long from, LogSketch control) {
    double quantile(double q) {
      return control.quantile(q);
    }
  }

  private static final class Kind {
    int generation;
    LogSketch learning;
    final NavigableMap<Long, Version> versions = new TreeMap<>();

    Kind(LogSketch learning) {
      this.learning = learning;
    }
  }

  private final Measure measure;
  private final Cells cells;
  private final String prefix;
  private final Kind streamed;
  private final Kind whole;

  Thresholds(Measure measure, Cells cells) {
    this.measure = measure;
    this.cells = cells;
    this.prefix = Cells.name("thresholds", measure);
    this.streamed = new Kind(measure.sketch());
    this.whole = new Kind(measure.sketch());
    Map<Integer, LogSketch> sketches = new TreeMap<>();
    cells
        .under(prefix + "|bin|")
        .forEach(
            (name, counts) -> {
              String[] parts = name.substring(prefix.length() + 5).split("\\|", -1);
              int number = Integer.parseInt(parts[0]);
              LogSketch sketch = sketches.computeIfAbsent(number, n -> measure.sketch());
              add(sketch, Integer.parseInt(parts[1]), counts[0]);
            });
    sketches.forEach(
        (number, sketch) -> {
          Kind kind = number % 2 == 1 ? streamed : whole;
          long[] from =
              cells
                  .under(Cells.name(prefix, "from", number, ""))
                  .get(Cells.name(prefix, "from", number, ""));
          if (from == null) {
            kind.learning = sketch;
            kind.generation = number / 2;
          } else {
            kind.versions.put(from[0], new Version(number, from[0], sketch));
            kind.generation = Math.max(kind.generation, number / 2 + 1);
          }
        });
  }

  /** The version that judges this sight; null where there is none yet. */
  @Nullable Version of(Sight sight) {
    Map.Entry<Long, Version> entry = kind(sight).versions.floorEntry(Strata.window(sight));
    return entry == null ? null : entry.getValue();
  }

  /** Learns from control's first requests; others teach nothing. */
  void learn(Sight sight) {
    Double value = measure.value(sight);
    if (!sight.first()
        || !sight.variant().equals(Variant.CONTROL)
        || sight.end() != Sight.End.OK
        || value == null) {
      return;
    }
    Kind kind = kind(sight);
    int number = 2 * kind.generation + (sight.streamed() ? 1 : 0);
    int bin = value == 0 ? Integer.MIN_VALUE : kind.learning.bin(value);
    add(kind.learning, bin, 1);
    cells.add(Cells.name(prefix, "bin", number, bin), 1, 0, 1);
    long window = Strata.window(sight);
    boolean due = kind.versions.isEmpty() || window >= kind.versions.lastKey() + REFRESH_WINDOWS;
    if (due && kind.learning.count() >= FEWEST) {
      long from = window + 1;
      kind.versions.put(from, new Version(number, from, kind.learning));
      cells.set(Cells.name(prefix, "from", number, ""), from);
      kind.generation++;
      kind.learning = measure.sketch();
    }
  }

  private Kind kind(Sight sight) {
    return sight.streamed() ? streamed : whole;
  }

  private static void add(LogSketch sketch, int bin, long times) {
    if (bin == Integer.MIN_VALUE) {
      sketch.add(0, times);
    } else {
      sketch.add(sketch.representative(bin), times);
    }
  }
}
