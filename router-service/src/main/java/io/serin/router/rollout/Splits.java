package io.serin.router.rollout;

import io.serin.rollout.assignment.Split;
import io.serin.schemas.Slice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** A command's split, from and to its Avro form. Pure. */
final class Splits {

  private Splits() {}

  /**
   * Reads a command's split.
   *
   * @throws IllegalArgumentException where the slices leave a gap or overlap
   */
  static Split read(List<Slice> slices) {
    return new Split(
        slices.stream()
            .map(slice -> new Split.Slice(slice.getVariant(), slice.getFrom(), slice.getTo()))
            .toList());
  }

  static List<Slice> write(Split split) {
    return split.slices().stream()
        .map(slice -> new Slice(slice.variant(), slice.from(), slice.to()))
        .toList();
  }

  /** The variant with most slots. */
  static String largest(Split split) {
    return Collections.max(split.weights().entrySet(), Map.Entry.comparingByValue()).getKey();
  }

  /**
   * The split without any slot of a candidate that the earlier split did not give it too: those are
   * control's.
   */
  static Split within(Split split, String control, Split earlier) {
    List<Split.Slice> kept = new ArrayList<>();
    for (Split.Slice slice : split.slices()) {
      for (Split.Slice before : earlier.slices()) {
        int from = Math.max(slice.from(), before.from());
        int to = Math.min(slice.to(), before.to());
        if (from < to) {
          boolean both = before.variant().equals(slice.variant());
          kept.add(new Split.Slice(both ? slice.variant() : control, from, to));
        }
      }
    }
    return new Split(kept);
  }
}
