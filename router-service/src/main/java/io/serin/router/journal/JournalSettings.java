package io.serin.router.journal;

import java.nio.file.Path;

/**
 * Where the journal lives and how large it may grow.
 *
 * @param directory its own: no other router's, and no other file ends in .segment there
 * @param maxBytes bound of all segment files together, those made in advance included
 * @param segmentBytes size of one segment file, a multiple of 8
 * @param maxEventBytes largest event, in encoded bytes; a larger one is dropped and counted
 */
public record JournalSettings(Path directory, long maxBytes, int segmentBytes, int maxEventBytes) {

  public static final long DEFAULT_MAX_BYTES = 1L << 30;
  public static final int DEFAULT_SEGMENT_BYTES = 16 << 20;
  public static final int DEFAULT_MAX_EVENT_BYTES = 64 << 10;

  /**
   * Segments hold at least this many of the largest frames, so that what is wasted at their ends
   * stays small.
   */
  private static final int FRAMES_IN_A_SEGMENT = 8;

  public JournalSettings {
    if (maxEventBytes < 64) {
      throw new IllegalArgumentException(
          "journal.maxEventBytes is " + maxEventBytes + ": must be at least 64");
    }
    if (segmentBytes % 8 != 0
        || segmentBytes < (long) FRAMES_IN_A_SEGMENT * (maxEventBytes + Frame.HEADER + 8)) {
      throw new IllegalArgumentException(
          "journal.segmentBytes is "
              + segmentBytes
              + ": must be a multiple of 8 and hold at least "
              + FRAMES_IN_A_SEGMENT
              + " events of journal.maxEventBytes ("
              + maxEventBytes
              + ")");
    }
    if (maxBytes < 2L * segmentBytes) {
      throw new IllegalArgumentException(
          "journal.maxBytes is "
              + maxBytes
              + ": must be at least two segments of "
              + segmentBytes
              + " bytes");
    }
  }

  /**
   * The default sizes with {@code maxBytes} as the bound; segments shrink where the bound is small.
   */
  public static JournalSettings of(Path directory, long maxBytes) {
    long segment = Math.clamp(maxBytes / 8 & -8L, 1L << 20, DEFAULT_SEGMENT_BYTES);
    return new JournalSettings(directory, maxBytes, (int) segment, DEFAULT_MAX_EVENT_BYTES);
  }

  int maxSegments() {
    return (int) Math.min(Integer.MAX_VALUE, maxBytes / segmentBytes);
  }

  /** Size of the largest frame, padding included. */
  int maxFrameBytes() {
    return Frame.sizeOf(maxEventBytes);
  }
}
