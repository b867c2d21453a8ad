package io.serin.rollout.assignment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which variant owns which of the 10,000 slots of the hash space. Immutable.
 *
 * @param slices sorted, without gaps or overlaps over slots 0 … 9999; neighbours belong to
 *     different variants
 */
public record Split(List<Slice> slices) {
  /** The number of slots, one for each basis point of traffic. */
  public static final int SLOTS = 10_000;

  /**
   * A run of slots that one variant owns.
   *
   * @param variant the owner's name
   * @param from first slot, inclusive, 0 … 9999
   * @param to last slot, exclusive, 1 … 10000
   */
  public record Slice(String variant, int from, int to) {
    public Slice {
      if (variant.isEmpty()) {
        throw new IllegalArgumentException("split: a slice names no variant");
      }
      if (from < 0 || to > SLOTS || from >= to) {
        throw new IllegalArgumentException(
            "split: slice [" + from + ", " + to + ") of " + variant + " must lie in [0, 10000)");
      }
    }

    public int size() {
      return to - from;
    }
  }

  public Split {
    slices = merge(slices);
    int next = 0;
    for (Slice slice : slices) {
      if (slice.from() != next) {
        throw new IllegalArgumentException(
            "split: slice of "
                + slice.variant()
                + " starts at "
                + slice.from()
                + ", must start at "
                + next);
      }
      next = slice.to();
    }
    if (next != SLOTS) {
      throw new IllegalArgumentException("split: ends at " + next + ", must end at 10000");
    }
  }

  /** Every slot to one variant. */
  public static Split all(String variant) {
    return new Split(List.of(new Slice(variant, 0, SLOTS)));
  }

  /** The owner of a slot. */
  public String ownerOf(int slot) {
    int low = 0;
    int high = slices.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (slot < slices.get(middle).to()) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return slices.get(low).variant();
  }

  /** Whether the variant owns any slot. */
  public boolean gives(String variant) {
    for (Slice slice : slices) {
      if (slice.variant().equals(variant)) {
        return true;
      }
    }
    return false;
  }

  /** Slots of each variant that owns any, by name. */
  public Map<String, Integer> weights() {
    Map<String, Integer> weights = new TreeMap<>();
    slices.forEach(slice -> weights.merge(slice.variant(), slice.size(), Integer::sum));
    return weights;
  }

  /** The variants that own at least one slot. */
  public Set<String> variants() {
    return weights().keySet();
  }

  /** Slots of a variant; 0 where it has none. */
  public int weight(String variant) {
    return weights().getOrDefault(variant, 0);
  }

  /** The slots that a variant owns. */
  public SlotSet slots(String variant) {
    List<Integer> bounds = new ArrayList<>();
    for (Slice slice : slices) {
      if (slice.variant().equals(variant)) {
        bounds.add(slice.from());
        bounds.add(slice.to());
      }
    }
    return new SlotSet(bounds);
  }

  /**
   * The split with other weights, reached by moving as few slots as there must be: a variant that
   * grows keeps all it had, one that shrinks gains none, one whose weight stays keeps exactly its
   * slots.
   *
   * @param wanted slots of each variant, together 10,000; a variant that is not named gets none
   */
  public Split reweight(Map<String, Integer> wanted) {
    wanted.forEach(
        (variant, weight) -> {
          if (weight < 0) {
            throw new IllegalArgumentException(
                "weight of " + variant + " is " + weight + ": must be at least 0");
          }
        });
    int sum = wanted.values().stream().mapToInt(Integer::intValue).sum();
    if (sum != SLOTS) {
      throw new IllegalArgumentException(
          "weights " + wanted + " sum to " + sum + ": must be 10000");
    }
    Map<String, Integer> surplus = new LinkedHashMap<>();
    weights()
        .forEach((variant, has) -> surplus.put(variant, has - wanted.getOrDefault(variant, 0)));

    List<Slice> kept = new ArrayList<>();
    List<Slice> free = new ArrayList<>();
    for (Slice slice : slices.reversed()) {
      int give = Math.clamp(surplus.getOrDefault(slice.variant(), 0), 0, slice.size());
      surplus.merge(slice.variant(), -give, Integer::sum);
      if (give > 0) {
        free.add(new Slice(slice.variant(), slice.to() - give, slice.to()));
      }
      if (give < slice.size()) {
        kept.add(new Slice(slice.variant(), slice.from(), slice.to() - give));
      }
    }
    Map<String, Integer> has = weights();
    int next = 0;
    for (Map.Entry<String, Integer> entry : new TreeMap<>(wanted).entrySet()) {
      int need = entry.getValue() - has.getOrDefault(entry.getKey(), 0);
      while (need > 0) {
        Slice slice = free.get(next);
        int take = Math.min(need, slice.size());
        kept.add(new Slice(entry.getKey(), slice.to() - take, slice.to()));
        need -= take;
        if (take == slice.size()) {
          next++;
        } else {
          free.set(next, new Slice(slice.variant(), slice.from(), slice.to() - take));
        }
      }
    }
    return new Split(kept);
  }

  private static List<Slice> merge(List<Slice> slices) {
    List<Slice> merged = new ArrayList<>();
    for (Slice slice : slices.stream().sorted(Comparator.comparingInt(Slice::from)).toList()) {
      if (!merged.isEmpty()
          && merged.getLast().variant().equals(slice.variant())
          && merged.getLast().to() == slice.from()) {
        Slice last = merged.removeLast();
        merged.add(new Slice(slice.variant(), last.from(), slice.to()));
      } else {
        merged.add(slice);
      }
    }
    return List.copyOf(merged);
  }
}
