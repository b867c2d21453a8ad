package io.serin.rollout.assignment;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A set of slots as sorted, disjoint, non-touching ranges. Immutable; equal sets print alike, so
 * the text is a name.
 *
 * @param bounds from, to, from, to …: inclusive, exclusive
 */
public record SlotSet(List<Integer> bounds) {
  public static final SlotSet ALL = new SlotSet(List.of(0, Split.SLOTS));

  public SlotSet {
    bounds = List.copyOf(bounds);
    if (bounds.size() % 2 != 0) {
      throw new IllegalArgumentException("bounds are " + bounds + ": must come in pairs");
    }
    for (int i = 1; i < bounds.size(); i++) {
      if (bounds.get(i) <= bounds.get(i - 1)) {
        throw new IllegalArgumentException("bounds are " + bounds + ": must grow");
      }
    }
  }

  /** From (inclusive) to (exclusive); empty where they are equal. */
  public static SlotSet range(int from, int to) {
    return new SlotSet(from == to ? List.of() : List.of(from, to));
  }

  public boolean contains(int slot) {
    for (int i = 0; i < bounds.size(); i += 2) {
      if (slot >= bounds.get(i) && slot < bounds.get(i + 1)) {
        return true;
      }
    }
    return false;
  }

  /** The slots that are in both sets. */
  public SlotSet intersect(SlotSet other) {
    List<Integer> both = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < bounds.size() && j < other.bounds.size()) {
      int from = Math.max(bounds.get(i), other.bounds.get(j));
      int to = Math.min(bounds.get(i + 1), other.bounds.get(j + 1));
      if (from < to) {
        both.add(from);
        both.add(to);
      }
      if (bounds.get(i + 1) < other.bounds.get(j + 1)) {
        i += 2;
      } else {
        j += 2;
      }
    }
    return new SlotSet(both);
  }

  /** Number of slots. */
  public int size() {
    int size = 0;
    for (int i = 0; i < bounds.size(); i += 2) {
      size += bounds.get(i + 1) - bounds.get(i);
    }
    return size;
  }

  /** {@code 0-9500,9700-10000}; ends are exclusive. */
  @Override
  public String toString() {
    return java.util.stream.IntStream.range(0, bounds.size() / 2)
        .mapToObj(i -> bounds.get(2 * i) + "-" + bounds.get(2 * i + 1))
        .collect(Collectors.joining(","));
  }
}
