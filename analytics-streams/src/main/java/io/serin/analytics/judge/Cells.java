package io.serin.analytics.judge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * The judge's whole state: integer counts by name. Whoever keeps it writes only what changed since
 * it last asked. Names are parts joined by {@code |}. Not thread-safe.
 */
public final class Cells {
  private final NavigableMap<String, long[]> cells = new TreeMap<>();
  private final Set<String> changed = new LinkedHashSet<>();

  public static String name(Object... parts) {
    List<String> texts = new ArrayList<>();
    for (Object part : parts) {
      texts.add(part.toString());
    }
    return String.join("|", texts);
  }

  public void add(String name, int size, int index, long by) {
    cells.computeIfAbsent(name, n -> new long[size])[index] += by;
    changed.add(name);
  }

  void set(String name, long... values) {
    cells.put(name, values);
    changed.add(name);
  }

  void remove(String name) {
    if (cells.remove(name) != null) {
      changed.add(name);
    }
  }

  /** The cells whose name begins so, in the order of names. */
  public NavigableMap<String, long[]> under(String prefix) {
    return Collections.unmodifiableNavigableMap(
        cells.subMap(prefix, true, prefix + '\uffff', false));
  }

  /** What changed since this was last called; empty values where the cell is gone. */
  public Map<String, long[]> drain() {
    Map<String, long[]> result = new TreeMap<>();
    for (String name : changed) {
      long[] values = cells.get(name);
      result.put(name, values == null ? new long[0] : values.clone());
    }
    changed.clear();
    return result;
  }

  /** A copy of everything. */
  public NavigableMap<String, long[]> all() {
    NavigableMap<String, long[]> copy = new TreeMap<>();
    cells.forEach((name, values) -> copy.put(name, values.clone()));
    return copy;
  }

  /** Cells that hold these counts and know of no change. */
  public static Cells of(Map<String, long[]> counts) {
    Cells cells = new Cells();
    counts.forEach((name, values) -> cells.cells.put(name, Arrays.copyOf(values, values.length)));
    return cells;
  }
}
