package io.serin.statistics.sequential;

import java.util.Arrays;
import java.util.BitSet;

/**
 * An immutable set of slots 0 … size−1 of the hash space (Serin: 10,000 basis points). What is
 * known of a unit's hash from the arms it was seen in is such a set: the intersection of those
 * arms' slots. Safe for use by any thread.
 */
public final class SlotSet {
  /** Slots of the whole hash space in Serin. */
  public static final int SLOTS = 10_000;

  private final BitSet bits;

  private SlotSet(BitSet bits) {
    this.bits = bits;
  }

  /** All of 0 … 9999. */
  public static SlotSet all() {
    return range(0, SLOTS);
  }

  /** from (inclusive) … to (exclusive). */
  public static SlotSet range(int from, int to) {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException(
          "range: 0 <= from <= to is required, not " + from + " … " + to);
    }
    BitSet bits = new BitSet();
    bits.set(from, to);
    return new SlotSet(bits);
  }

  /** No slot. */
  public static SlotSet none() {
    return new SlotSet(new BitSet());
  }

  public SlotSet and(SlotSet other) {
    BitSet result = (BitSet) bits.clone();
    result.and(other.bits);
    return new SlotSet(result);
  }

  public SlotSet or(SlotSet other) {
    BitSet result = (BitSet) bits.clone();
    result.or(other.bits);
    return new SlotSet(result);
  }

  /** Slots of this set that are not in the other. */
  public SlotSet minus(SlotSet other) {
    BitSet result = (BitSet) bits.clone();
    result.andNot(other.bits);
    return new SlotSet(result);
  }

  /** Number of slots in both sets. */
  public int sizeOfAnd(SlotSet other) {
    return and(other).size();
  }

  public int size() {
    return bits.cardinality();
  }

  public boolean contains(int slot) {
    return slot >= 0 && bits.get(slot);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SlotSet that && bits.equals(that.bits);
  }

  @Override
  public int hashCode() {
    return bits.hashCode();
  }

  /** The slots as consecutive runs: {@code [from, to), …}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int from = bits.nextSetBit(0); from >= 0; ) {
      int to = bits.nextClearBit(from);
      text.append(text.isEmpty() ? "" : ",").append(Arrays.toString(new int[] {from, to}));
      from = bits.nextSetBit(to);
    }
    return "SlotSet{" + text + "}";
  }
}
