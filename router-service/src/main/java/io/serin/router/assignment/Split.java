package io.serin.router.assignment;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who owns which slot: slices sorted, without gaps or overlaps over all {@link Slots#COUNT} slots.
 * Immutable.
 */
public final class Split {

  private final List<Share> shares;
  private final Set<String> variants;

  /**
   * @throws IllegalArgumentException where the slices leave a gap, overlap or are not sorted
   */
  public Split(List<Share> shares) {
    int next = 0;
    for (Share share : shares) {
      if (share.from() != next) {
        throw new IllegalArgumentException(
            "split: slice of "
                + share.variant()
                + " starts at "
                + share.from()
                + ", must start at "
                + next);
      }
      next = share.to();
    }
    if (next != Slots.COUNT) {
      throw new IllegalArgumentException("split: ends at " + next + ", must end at " + Slots.COUNT);
    }
    this.shares = List.copyOf(shares);
    this.variants = shares.stream().map(Share::variant).collect(Collectors.toUnmodifiableSet());
  }

  /** The owner of a slot. */
  public String ownerOf(int slot) {
    int low = 0;
    int high = shares.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (slot < shares.get(middle).to()) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return shares.get(low).variant();
  }

  /** The slices, sorted. */
  public List<Share> shares() {
    return shares;
  }

  /** The variants that own at least one slot. */
  public Set<String> variants() {
    return variants;
  }
}
