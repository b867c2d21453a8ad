package io.serin.analytics.measure;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts by name, sorted; a count of 0 is absent. Immutable; {@link #plus} is associative and
 * commutative.
 */
public record Tally(SortedMap<String, Long> counts) {
  public static final Tally NONE = new Tally(new TreeMap<>());

  public Tally {
    SortedMap<String, Long> copy = new TreeMap<>(counts);
    copy.values().removeIf(count -> count == 0);
    counts = Collections.unmodifiableSortedMap(copy);
  }

  /** One of a name. */
  public static Tally one(String name) {
    return of(name, 1);
  }

  public static Tally of(String name, long count) {
    return new Tally(new TreeMap<>(Map.of(name, count)));
  }

  public Tally plus(Tally other) {
    if (counts.isEmpty()) {
      return other;
    }
    if (other.counts.isEmpty()) {
      return this;
    }
    SortedMap<String, Long> sum = new TreeMap<>(counts);
    other.counts.forEach((name, count) -> sum.merge(name, count, Long::sum));
    return new Tally(sum);
  }

  public Tally plus(String name, long count) {
    return count == 0 ? this : plus(of(name, count));
  }

  /** The count of a name; 0 where there is none. */
  public long get(String name) {
    return counts.getOrDefault(name, 0L);
  }
}
