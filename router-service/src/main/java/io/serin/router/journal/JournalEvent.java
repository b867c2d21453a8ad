package io.serin.router.journal;

import java.util.UUID;

/**
 * An event as it is read from the journal.
 *
 * @param at where it is
 * @param next where the one behind it begins, or may begin
 * @param incarnation with kind, partition and sequence its identity for ever
 * @param appendedAt milliseconds since the epoch
 */
public record JournalEvent(
    Position at, Position next, UUID incarnation, long sequence, long appendedAt, Payload payload) {

  /** Bytes that the event takes in the journal. */
  public long size() {
    return next.offset() - at.offset();
  }
}
