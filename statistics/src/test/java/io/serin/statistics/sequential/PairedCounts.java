package io.serin.statistics.sequential;

/**
 * Pairs in one window, by which side had the event: the whole state of {@link PairedEvents} is a
 * list of these.
 *
 * @param window number of the event-time window
 * @param candidateOnly pairs in which only the candidate had it
 * @param otherOnly pairs in which only the other side had it
 * @param both pairs in which both had it
 * @param neither pairs in which neither had it
 */
public record PairedCounts(
    long window, long candidateOnly, long otherOnly, long both, long neither) {
  public PairedCounts {
    if (candidateOnly < 0 || otherOnly < 0 || both < 0 || neither < 0) {
      throw new IllegalArgumentException(
          "pairs: must not be negative, not "
              + candidateOnly
              + ", "
              + otherOnly
              + ", "
              + both
              + ", "
              + neither);
    }
  }
}
