package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.Index;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The judge's whole state: integer counts by key. Those who keep it write only what changed since
 * they last asked. Not thread-safe.
 */
public final class Cells {
  private final Map<String, Map<Index, long[]>> owners = new HashMap<>();
  private final Set<CellKey> changed = new LinkedHashSet<>();

  /** The name of what keeps cells, of its parts. */
  public static String owner(Object... parts) {
    StringBuilder name = new StringBuilder();
    for (Object part : parts) {
      name.append(name.isEmpty() ? "" : "|").append(part);
    }
    return name.toString();
  }

  /** Adds to one count of a cell that has so many. */
  public void add(String owner, Index index, int size, int at, long by) {
    owners.computeIfAbsent(owner, added -> new HashMap<>())
            .computeIfAbsent(index, added -> new long[size])[at] +=
        by;
    changed.add(new CellKey(owner, index));
  }

  void set(String owner, Index index, long... values) {
    owners.computeIfAbsent(owner, added -> new HashMap<>()).put(index, values);
    changed.add(new CellKey(owner, index));
  }

  void remove(String owner, Index index) {
    Map<Index, long[]> cells = owners.get(owner);
    if (cells != null && cells.remove(index) != null) {
      changed.add(new CellKey(owner, index));
    }
  }

  /** Removes all cells of one owner. */
  void removeAll(String owner) {
    Map<Index, long[]> removed = owners.remove(owner);
    if (removed != null) {
      removed.keySet().forEach(index -> changed.add(new CellKey(owner, index)));
    }
  }

  /** The cells of one owner, in no order. */
  public Map<Index, long[]> of(String owner) {
    return Collections.unmodifiableMap(owners.getOrDefault(owner, Map.of()));
  }

  /** The first count of an owner's only cell; 0 if it has none. */
  long single(String owner) {
    long[] values = of(owner).get(CellKey.SINGLE);
    return values == null ? 0 : values[0];
  }

  /** What changed since this was last called; empty values where the cell is gone. */
  public Map<CellKey, long[]> drain() {
    Map<CellKey, long[]> result = new LinkedHashMap<>();
    for (CellKey key : changed) {
      long[] values = of(key.owner()).get(key.index());
      result.put(key, values == null ? new long[0] : values.clone());
    }
    changed.clear();
    return result;
  }

  /** A copy of everything. */
  public Map<CellKey, long[]> all() {
    Map<CellKey, long[]> copy = new HashMap<>();
    owners.forEach(
        (owner, cells) ->
            cells.forEach((index, values) -> copy.put(new CellKey(owner, index), values.clone())));
    return copy;
  }

  /** Cells that hold these counts and know of no change. */
  public static Cells of(Map<CellKey, long[]> counts) {
    Cells cells = new Cells();
    counts.forEach(
        (key, values) ->
            cells
                .owners
                .computeIfAbsent(key.owner(), added -> new HashMap<>())
                .put(key.index(), values.clone()));
    return cells;
  }
}
