package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.Bin;
import io.serin.analytics.judge.CellKey.WindowBin;
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
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The thresholds c_q that values are held against: quantiles of control's first requests, read
 * before the requests that they judge, streamed answers and others apart, in versions.
 *
 * <p>A version is read from whole 10 s windows of event time: the first ones that hold {@value
 * #FEWEST} control units, the next ones that hold {@value #ENOUGH}, then again each hour, and a
 * minute after the last one at the soonest where control's values have left it: where the share
 * above or below its median or its 95th percentile is 2.5 times what it was, or that part of it,
 * and four standard errors away. A threshold from a cold start would otherwise blind a guard for an
 * hour; one that still discriminates is kept, since evidence of different versions is never pooled.
 * A version judges from {@value Strata#GRACE} ms after the last of its windows on, and is fixed by
 * the first record from then. So any order of arrival gives the same versions where no record is
 * later than that; a later one teaches nothing.
 *
 * <p>So few are enough: the next unit of control is equally likely to take each rank among those
 * before, so it exceeds their quantile q with probability 1−q on average, which is what is expected
 * until the version has a history of its own. Any threshold that is fixed beforehand keeps the
 * guarantee; a poor one costs evidence only.
 */
public final class Thresholds {
  static final int FEWEST = 20;

  /** A version of fewer is replaced once control has given so many more. */
  private static final int ENOUGH = 100;

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
  private final String bins;
  private final String fixed;
  private final String learnt;
  private final String closed;
  private final Kind streamed;
  private final Kind whole;

  Thresholds(Measure measure, Cells cells) {
    this.measure = measure;
    this.cells = cells;
    this.streamed = new Kind(1, measure.sketch());
    this.whole = new Kind(0, measure.sketch());
    String owner = Cells.owner("thresholds", measure);
    this.bins = Cells.owner(owner, "bin");
    this.fixed = Cells.owner(owner, "from");
    this.learnt = Cells.owner(owner, "learn");
    this.closed = Cells.owner(owner, "closed");
    Map<Integer, LogSketch> sketches = new TreeMap<>();
    each(
        bins,
        Bin.class,
        (bin, counts) ->
            add(
                sketches.computeIfAbsent(bin.sketch(), n -> measure.sketch()),
                bin.bin(),
                counts[0]));
    each(
        fixed,
        CellKey.Version.class,
        (version, from) -> {
          int number = (int) version.number();
          Kind kind = kind(number % 2 == 1);
          LogSketch sketch = sketches.getOrDefault(number, measure.sketch());
          kind.versions.put(from[0], new Version(number, from[0], sketch, new HashMap<>()));
          kind.generation = Math.max(kind.generation, number / 2 + 1);
          kind.readThrough = Math.max(kind.readThrough, from[1]);
        });
    each(
        learnt,
        WindowBin.class,
        (bin, counts) ->
            add(
                kind(bin.sketch() == 1)
                    .learning
                    .computeIfAbsent(bin.window(), w -> measure.sketch()),
                bin.bin(),
                counts[0]));
    each(
        closed,
        CellKey.Version.class,
        (parity, window) -> {
          Kind kind = kind(parity.number() == 1);
          kind.closedThrough = window[0];
          kind.learning
              .headMap(window[0], true)
              .values()
              .forEach(sketch -> kind.read = kind.read.merge(sketch));
        });
  }

  private <T extends CellKey.Index> void each(
      String owner, Class<T> type, BiConsumer<T, long[]> consumer) {
    cells
        .of(owner)
        .forEach(
            (index, counts) -> {
              if (type.isInstance(index)) {
                consumer.accept(type.cast(index), counts);
              }
            });
  }

  /**
   * The version that judges this observation, the same for all observations of a request: the
   * newest when it was read; null before the first.
   */
  public @Nullable Version of(Observation observation) {
    Map.Entry<Long, Version> entry = kind(observation).versions.floorEntry(observation.startedAt());
    return entry == null ? null : entry.getValue();
  }

  /** Fixes what is due at this event time; before anything is held against a threshold. */
  void advance(long eventTime) {
    advance(streamed, eventTime);
    advance(whole, eventTime);
  }

  /** Learns from control's first requests; others teach nothing. */
  void learn(Observation observation) {
    Double value = measure.value(observation);
    if (!measure.given(observation)
        || !observation.variant().equals(Variant.CONTROL)
        || observation.end() != Observation.End.OK
        || value == null) {
      return;
    }
    Kind kind = kind(observation);
    long window = Strata.window(observation);
    if (window <= kind.closedThrough) {
      return;
    }
    LogSketch sketch = kind.learning.computeIfAbsent(window, w -> measure.sketch());
    int bin = bin(sketch, value);
    add(sketch, bin, 1);
    cells.add(learnt, new WindowBin(kind.parity, window, bin), 1, 0, 1);
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
      cells.set(closed, new CellKey.Version(kind.parity), window);
      if (due(kind, window)) {
        fix(kind, window, kind.read);
        kind.read = measure.sketch();
      }
    }
  }

  private static boolean due(Kind kind, long window) {
    if (kind.versions.isEmpty()) {
      return kind.read.count() >= FEWEST;
    }
    if (kind.versions.lastEntry().getValue().control().count() < ENOUGH) {
      return kind.read.count() >= ENOUGH;
    }
    if (kind.read.count() < ENOUGH) {
      return false;
    }
    return window >= kind.readThrough + REFRESH_WINDOWS
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
    cells.set(fixed, new CellKey.Version(number), from, last);
    if (read.zeroCount() > 0) {
      cells.set(bins, new Bin(number, Integer.MIN_VALUE), read.zeroCount());
    }
    long[] counts = read.counts();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        cells.set(bins, new Bin(number, read.offset() + i), counts[i]);
      }
    }
    while (kind.versions.size() > VERSIONS) {
      Version oldest = kind.versions.firstEntry().getValue();
      kind.versions.remove(oldest.from());
      forget(oldest);
    }
    for (Long window : List.copyOf(kind.learning.headMap(last, true).keySet())) {
      kind.learning.remove(window);
    }
    removeAll(
        learnt,
        index ->
            index instanceof WindowBin bin && bin.sketch() == kind.parity && bin.window() <= last);
  }

  private void forget(Version version) {
    cells.remove(fixed, new CellKey.Version(version.number()));
    removeAll(bins, index -> index instanceof Bin bin && bin.sketch() == version.number());
  }

  private void removeAll(String owner, Predicate<CellKey.Index> which) {
    cells.of(owner).keySet().stream()
        .filter(which)
        .toList()
        .forEach(index -> cells.remove(owner, index));
  }

  private Kind kind(Observation observation) {
    return kind(observation.streamed());
  }

  private Kind kind(boolean isStreamed) {
    return isStreamed ? streamed : whole;
  }

  /** The bin of a value, {@link Integer#MIN_VALUE} for zero. */
  static int bin(LogSketch sketch, double value) {
    return value == 0 ? Integer.MIN_VALUE : sketch.bin(value);
  }

  static void add(LogSketch sketch, int bin, long times) {
    if (bin == Integer.MIN_VALUE) {
      sketch.add(0, times);
    } else {
      sketch.add(sketch.representative(bin), times);
    }
  }
}
