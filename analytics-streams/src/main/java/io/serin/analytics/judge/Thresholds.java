package io.serin.analytics.judge;

import io.serin.analytics.observation.Measure;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Variant;
import io.serin.statistics.sketch.LogSketch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The thresholds c_q that values are held against: quantiles of control's first requests, read
 * before the requests that they judge, streamed answers and others apart, in versions.
 *
 * <p>A version is read from whole 10 s windows of event time: the first ones that hold {@value
 * #FEWEST} control units, then again each hour, and a minute after the last one at the soonest
 * where control's values have left it: where the share above or below its median or its 95th
 * percentile is 2.5 times what it was, or that part of it, and four standard errors away. A
 * threshold from a cold start would otherwise blind a guard for an hour; one that still tells is
 * kept, since evidence of different versions is never pooled. A version judges from {@value
 * Strata#GRACE} ms after the last of its windows on, and is fixed by the first record from then. So
 * any order of arrival gives the same versions where no record is later than that; a later one
 * teaches nothing.
 */
public final class Thresholds {
  static final int FEWEST = 100;
  private static final long REFRESH_WINDOWS = 360;
  private static final long SOONEST_WINDOWS = 6;
  private static final double[] LOOKED_AT = {0.5, 0.95};
  private static final double STANDARD_ERRORS = 4;
  private static final double FACTOR = 2.5;

  /** Versions kept of each kind of answers: a record that is later by as many judges by none. */
  private static final int VERSIONS = 8;

  /**
   * One version.
   *
   * @param number unique over both kinds of answers
   * @param from event time from which on it judges, milliseconds since the epoch
   */
  public record Version(int number, long from, LogSketch control, Map<Double, Double> known) {
    public double quantile(double q) {
      return known.computeIfAbsent(q, control::quantile);
    }

    Finding.Threshold told(double q) {
      return new Finding.Threshold(number, number % 2 == 1, from, q, quantile(q), control.count());
    }
  }

  private static final class Kind {
    final int parity;
    int generation;

    /** Last window that a version was read from. */
    long readThrough = Long.MIN_VALUE;

    /** Last window whose values are in {@code read}, or in a version: it learns no more. */
    long closedThrough = Long.MIN_VALUE;

    /** What control gave in closed windows since the newest version. */
    LogSketch read;

    final TreeMap<Long, LogSketch> learning = new TreeMap<>();
    final NavigableMap<Long, Version> versions = new TreeMap<>();

    Kind(int parity, LogSketch empty) {
      this.parity = parity;
      this.read = empty;
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
    this.streamed = new Kind(1, measure.sketch());
    this.whole = new Kind(0, measure.sketch());
    this.prefix = Cells.name("thresholds", measure);
    Map<Integer, LogSketch> sketches = new TreeMap<>();
    each(
        "bin",
        (parts, counts) ->
            add(
                sketches.computeIfAbsent(Integer.parseInt(parts[0]), n -> measure.sketch()),
                Integer.parseInt(parts[1]),
                counts[0]));
    each(
        "from",
        (parts, from) -> {
          int number = Integer.parseInt(parts[0]);
          Kind kind = number % 2 == 1 ? streamed : whole;
          LogSketch sketch = sketches.getOrDefault(number, measure.sketch());
          kind.versions.put(from[0], new Version(number, from[0], sketch, new HashMap<>()));
          kind.generation = Math.max(kind.generation, number / 2 + 1);
          kind.readThrough = Math.max(kind.readThrough, from[1]);
        });
    each(
        "learn",
        (parts, counts) ->
            add(
                (parts[0].equals("1") ? streamed : whole)
                    .learning.computeIfAbsent(Long.parseLong(parts[1]), w -> measure.sketch()),
                Integer.parseInt(parts[2]),
                counts[0]));
    each(
        "closed",
        (parts, window) -> {
          Kind kind = parts[0].equals("1") ? streamed : whole;
          kind.closedThrough = window[0];
          kind.learning
              .headMap(window[0], true)
              .values()
              .forEach(learnt -> kind.read = kind.read.merge(learnt));
        });
  }

  private void each(String what, java.util.function.BiConsumer<String[], long[]> consumer) {
    String start = Cells.name(prefix, what, "");
    cells
        .under(start)
        .forEach(
            (name, counts) ->
                consumer.accept(name.substring(start.length()).split("\\|", -1), counts));
  }

  /** The version that judges this sight; null where there is none yet. */
  public @Nullable Version of(Observation sight) {
    Map.Entry<Long, Version> entry = kind(sight).versions.floorEntry(sight.eventTime());
    return entry == null ? null : entry.getValue();
  }

  /** Fixes what is due at this event time; before anything is held against a threshold. */
  void advance(long eventTime) {
    advance(streamed, eventTime);
    advance(whole, eventTime);
  }

  /** Learns from control's first requests; others teach nothing. */
  void learn(Observation sight) {
    Double value = measure.value(sight);
    if (!measure.given(sight)
        || !sight.variant().equals(Variant.CONTROL)
        || sight.end() != Observation.End.OK
        || value == null) {
      return;
    }
    Kind kind = kind(sight);
    long window = Strata.window(sight);
    if (window <= kind.closedThrough) {
      return;
    }
    LogSketch sketch = kind.learning.computeIfAbsent(window, w -> measure.sketch());
    int bin = value == 0 ? Integer.MIN_VALUE : sketch.bin(value);
    add(sketch, bin, 1);
    cells.add(Cells.name(prefix, "learn", kind.parity, window, bin), 1, 0, 1);
  }

  /** The newest version of each kind of answers. */
  List<Version> newest() {
    List<Version> newest = new ArrayList<>();
    for (Kind kind : List.of(whole, streamed)) {
      if (!kind.versions.isEmpty()) {
        newest.add(kind.versions.lastEntry().getValue());
      }
    }
    return newest;
  }

  /** True where control has given anything to learn from. */
  boolean known() {
    return !streamed.versions.isEmpty()
        || !whole.versions.isEmpty()
        || !streamed.learning.isEmpty()
        || !whole.learning.isEmpty();
  }

  private void advance(Kind kind, long eventTime) {
    while (true) {
      Map.Entry<Long, LogSketch> next = kind.learning.higherEntry(kind.closedThrough);
      if (next == null || Strata.closed(next.getKey()) > eventTime) {
        return;
      }
      long window = next.getKey();
      kind.read = kind.read.merge(next.getValue());
      kind.closedThrough = window;
      cells.set(Cells.name(prefix, "closed", kind.parity), window);
      if (kind.read.count() >= FEWEST && due(kind, window)) {
        fix(kind, window, kind.read);
        kind.read = measure.sketch();
      }
    }
  }

  private static boolean due(Kind kind, long window) {
    return kind.versions.isEmpty()
        || window >= kind.readThrough + REFRESH_WINDOWS
        || (window >= kind.readThrough + SOONEST_WINDOWS
            && left(kind.versions.lastEntry().getValue(), kind.read));
  }

  /** Whether values lie otherwise about a version's quantiles than those that it was read from. */
  private static boolean left(Version version, LogSketch read) {
    double n = read.count();
    for (double q : LOOKED_AT) {
      double value = version.quantile(q);
      double then = 1 - (double) version.control().countUpTo(value) / version.control().count();
      double now = 1 - read.countUpTo(value) / n;
      double error = Math.sqrt(Math.max(then * (1 - then), 0.01) / n);
      if (Math.abs(now - then) > STANDARD_ERRORS * error
          && (apart(now, then) || apart(1 - now, 1 - then))) {
        return true;
      }
    }
    return false;
  }

  private static boolean apart(double now, double then) {
    return now > FACTOR * then || now < then / FACTOR;
  }

  private void fix(Kind kind, long last, LogSketch read) {
    int number = 2 * kind.generation + kind.parity;
    long from = Strata.closed(last);
    kind.versions.put(from, new Version(number, from, read, new HashMap<>()));
    kind.generation++;
    kind.readThrough = last;
    cells.set(Cells.name(prefix, "from", number), from, last);
    if (read.zeroCount() > 0) {
      cells.set(Cells.name(prefix, "bin", number, Integer.MIN_VALUE), read.zeroCount());
    }
    long[] counts = read.counts();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        cells.set(Cells.name(prefix, "bin", number, read.offset() + i), counts[i]);
      }
    }
    while (kind.versions.size() > VERSIONS) {
      Version oldest = kind.versions.firstEntry().getValue();
      kind.versions.remove(oldest.from());
      forget(oldest);
    }
    for (Long window : List.copyOf(kind.learning.headMap(last, true).keySet())) {
      kind.learning.remove(window);
      String start = Cells.name(prefix, "learn", kind.parity, window, "");
      List.copyOf(cells.under(start).keySet()).forEach(cells::remove);
    }
  }

  private void forget(Version version) {
    cells.remove(Cells.name(prefix, "from", version.number()));
    List.copyOf(cells.under(Cells.name(prefix, "bin", version.number(), "")).keySet())
        .forEach(cells::remove);
  }

  private Kind kind(Observation sight) {
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
