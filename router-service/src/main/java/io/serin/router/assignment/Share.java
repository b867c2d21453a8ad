package io.serin.router.assignment;

/**
 * A run of slots that one variant owns.
 *
 * @param variant the owner's name
 * @param from first slot, inclusive
 * @param to last slot, exclusive
 */
public record Share(String variant, int from, int to) {

  /** Checks the bounds. */
  public Share {
    if (variant.isEmpty()) {
      throw new IllegalArgumentException("split: a slice names no variant");
    }
    if (from < 0 || to > Slots.COUNT || from >= to) {
      throw new IllegalArgumentException(
          "split: slice ["
              + from
              + ", "
              + to
              + ") of "
              + variant
              + ", must lie in [0, "
              + Slots.COUNT
              + ") and not be empty");
    }
  }
}
