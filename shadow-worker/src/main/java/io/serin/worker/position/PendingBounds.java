package io.serin.worker.position;

/**
 * How much one lane takes on before it stops reading.
 *
 * @param maxPending requests taken on and not finished, 1 … {@link OffsetLedger#MAX_PENDING}: what
 *     a commit's metadata can describe
 * @param maxPendingBytes of their bodies, above 0
 */
public record PendingBounds(int maxPending, long maxPendingBytes) {
  public PendingBounds {
    if (maxPending < 1 || maxPending > OffsetLedger.MAX_PENDING) {
      throw new IllegalArgumentException(
          "max-pending is "
              + maxPending
              + ": it must be between 1 and "
              + OffsetLedger.MAX_PENDING);
    }
    if (maxPendingBytes < 1) {
      throw new IllegalArgumentException(
          "max-pending-bytes is " + maxPendingBytes + ": it must be above 0");
    }
  }

  /** Whether reading must stop. */
  public boolean reached(int pending, long bytes) {
    return pending >= maxPending || bytes >= maxPendingBytes;
  }

  /** Whether reading may resume. */
  public boolean halved(int pending, long bytes) {
    return pending <= maxPending / 2 && bytes <= maxPendingBytes / 2;
  }
}
