package io.serin.router.rollout;

import io.serin.router.assignment.Share;
import io.serin.router.assignment.Slots;
import io.serin.router.assignment.Split;
import io.serin.schemas.Slice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Arithmetic on a command's split. Pure. */
final class Slices {

  private Slices() {}

  /** The whole hash space for one variant. */
  static List<Slice> all(String variant) {
    return List.of(new Slice(variant, 0, Slots.COUNT));
  }

  /**
   * The split made ready for lookups.
   *
   * @throws IllegalArgumentException where the slices leave a gap, overlap or are not sorted
   */
  static Split compiled(List<Slice> split) {
    return new Split(
        split.stream()
            .map(slice -> new Share(slice.getVariant(), slice.getFrom(), slice.getTo()))
            .toList());
  }

  /** The variants that own at least one slot, sorted. */
  static Set<String> owners(List<Slice> split) {
    Set<String> owners = new TreeSet<>();
    split.forEach(slice -> owners.add(slice.getVariant()));
    return owners;
  }

  /** The variant with most slots. */
  static String largest(List<Slice> split) {
    Map<String, Integer> slots = new TreeMap<>();
    split.forEach(s -> slots.merge(s.getVariant(), s.getTo() - s.getFrom(), Integer::sum));
    return Collections.max(slots.entrySet(), Map.Entry.comparingByValue()).getKey();
  }

  /**
   * The split without any slot of a candidate that the earlier split did not give it too: those are
   * control's.
   */
  static List<Slice> within(List<Slice> split, String control, List<Slice> earlier) {
    List<Slice> kept = new ArrayList<>();
    for (Slice slice : split) {
      if (slice.getVariant().equals(control)) {
        add(kept, control, slice.getFrom(), slice.getTo());
        continue;
      }
      int from = slice.getFrom();
      for (Slice before : earlier) {
        int start = Math.max(from, before.getFrom());
        int end = Math.min(slice.getTo(), before.getTo());
        if (start < end && before.getVariant().equals(slice.getVariant())) {
          add(kept, control, from, start);
          add(kept, slice.getVariant(), start, end);
          from = end;
        }
      }
      add(kept, control, from, slice.getTo());
    }
    return kept;
  }

  private static void add(List<Slice> slices, String variant, int from, int to) {
    if (from >= to) {
      return;
    }
    if (!slices.isEmpty() && slices.getLast().getVariant().equals(variant)) {
      from = slices.removeLast().getFrom();
    }
    slices.add(new Slice(variant, from, to));
  }
}
