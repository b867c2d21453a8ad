package io.serin.rollout;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which variant owns which of the 10,000 slots of the hash space. Immutable.
 *
 * @param ranges sorted, without gaps or overlaps over slots 0 … 9999; neighbours belong to
 *     different variants
 */
public record Split(List<SlotRange> ranges) {
  public static final int SLOTS = 10_000;

  public Split {
    ranges = merge(ranges);
    int next = 0;
    for (SlotRange range : ranges) {
      if (range.from() != next) {
        throw new IllegalArgumentException(
            "split " + ranges + " has a gap or an overlap at " + next);
      }
      next = range.to();
    }
    if (next != SLOTS) {
      throw new IllegalArgumentException("split " + ranges + " ends at " + next + ", not at 10000");
    }
  }

  /** Every slot to one variant. */
  public static Split all(String variant) {
    return new Split(List.of(new SlotRange(variant, 0, SLOTS)));
  }

  /** Slots of each variant that owns any, by name. */
  public Map<String, Integer> weights() {
    Map<String, Integer> weights = new TreeMap<>();
    ranges.forEach(range -> weights.merge(range.variant(), range.size(), Integer::sum));
    return weights;
  }

  /** Slots of a variant; 0 where it has none. */
  public int weight(String variant) {
    return weights().getOrDefault(variant, 0);
  }

  /** The slots that a variant owns. */
  public SlotSet slots(String variant) {
    List<Integer> bounds = new ArrayList<>();
    for (SlotRange range : ranges) {
      if (range.variant().equals(variant)) {
        bounds.add(range.from());
        bounds.add(range.to());
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

    List<SlotRange> kept = new ArrayList<>();
    List<SlotRange> free = new ArrayList<>();
    for (SlotRange range : ranges.reversed()) {
      int give = Math.clamp(surplus.getOrDefault(range.variant(), 0), 0, range.size());
      surplus.merge(range.variant(), -give, Integer::sum);
      if (give > 0) {
        free.add(new SlotRange(range.variant(), range.to() - give, range.to()));
      }
      if (give < range.size()) {
        kept.add(new SlotRange(range.variant(), range.from(), range.to() - give));
      }
    }
    Map<String, Integer> has = weights();
    int next = 0;
    for (Map.Entry<String, Integer> entry : new TreeMap<>(wanted).entrySet()) {
      int need = entry.getValue() - has.getOrDefault(entry.getKey(), 0);
      while (need > 0) {
        SlotRange range = free.get(next);
        int take = Math.min(need, range.size());
        kept.add(new SlotRange(entry.getKey(), range.to() - take, range.to()));
        need -= take;
        if (take == range.size()) {
          next++;
        } else {
          free.set(next, new SlotRange(range.variant(), range.from(), range.to() - take));
        }
      }
    }
    return new Split(kept);
  }

  private static List<SlotRange> merge(List<SlotRange> ranges) {
    List<SlotRange> merged = new ArrayList<>();
    for (SlotRange range :
        ranges.stream().sorted(Comparator.comparingInt(SlotRange::from)).toList()) {
      if (!merged.isEmpty()
          && merged.getLast().variant().equals(range.variant())
          && merged.getLast().to() == range.from()) {
        SlotRange last = merged.removeLast();
        merged.add(new SlotRange(range.variant(), last.from(), range.to()));
      } else {
        merged.add(range);
      }
    }
    return List.copyOf(merged);
  }
}
