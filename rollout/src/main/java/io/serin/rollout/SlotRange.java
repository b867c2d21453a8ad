package io.serin.rollout;

/**
 * Consecutive slots that one variant owns.
 *
 * @param from first slot, inclusive, 0 … 9999
 * @param to last slot, exclusive, 1 … 10000
 */
public record SlotRange(String variant, int from, int to) {
  public SlotRange {
    if (from < 0 || to > Split.SLOTS || from >= to) {
      throw new IllegalArgumentException(
          "slots of " + variant + " are [" + from + ", " + to + "): must lie in [0, 10000)");
    }
  }

  public int size() {
    return to - from;
  }
}
