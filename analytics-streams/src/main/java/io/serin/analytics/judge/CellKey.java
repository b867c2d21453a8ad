package io.serin.analytics.judge;

/**
 * Address of one cell of the judge's state.
 *
 * @param owner what keeps the cell, as {@link Cells#owner} names it; compared and never parsed
 * @param index which of the owner's cells it is
 */
public record CellKey(String owner, Index index) {
  /** The only cell of its owner. */
  public static final Index SINGLE = new Single();

  /** Which of an owner's cells. */
  public sealed interface Index {}

  /** The only cell of its owner. */
  public record Single() implements Index {}

  /** Counts of one stratum. */
  public record OfStratum(StratumId stratum) implements Index {}

  /**
   * Counts of one stratum in one window.
   *
   * @param version of the threshold or baseline that they were held against; 0 without one
   */
  public record Counted(long window, int version, StratumId stratum) implements Index {}

  /** Counts of one stratum in all windows that are folded. */
  public record Settled(int version, StratumId stratum) implements Index {}

  /** The state of a process that follows from its folded windows. */
  public record Folded() implements Index {}

  /** Counts of one window. */
  public record InWindow(long window) implements Index {}

  /** When a version of a threshold or baseline begins to hold, and what it was read from. */
  public record Version(long number) implements Index {}

  /** Values in one bin of a sketch; {@link Integer#MIN_VALUE} is the bin of zero. */
  public record Bin(int sketch, int bin) implements Index {}

  /** Values of one window in one bin of a sketch. */
  public record WindowBin(int sketch, long window, int bin) implements Index {}

  /** Counts of one part or segment of a stage's pairs. */
  public record OfStage(int stage, String label) implements Index {}
}
