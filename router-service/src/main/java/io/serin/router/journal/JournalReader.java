package io.serin.router.journal;

import org.jspecify.annotations.Nullable;

/**
 * Reads the journal's events in the order they were appended, while others append. One thread at a
 * time.
 */
public final class JournalReader {

  private final Journal journal;
  private Position position;

  JournalReader(Journal journal, Position position) {
    this.journal = journal;
    this.position = position;
  }

  /** Goes back, or forward, to a position that was read before and not acknowledged. */
  public void seek(Position to) {
    position = to;
  }

  /** Where the next call of {@link #next} looks. */
  public Position position() {
    return position;
  }

  /** The next event; null where the journal has no further one yet. */
  public @Nullable JournalEvent next() {
    while (true) {
      long newest =
          journal
              .newestSegment(); // Read before the slot: what it shows empty is then empty for ever.
      Segment segment = journal.segment(position.segment());
      Slot slot = segment == null ? Slot.Empty.INSTANCE : segment.read(position.offset());
      switch (slot) {
        case Frame frame -> {
          Position at = position;
          position = new Position(at.segment(), at.offset() + frame.size());
          if (frame.type().isEvent() && segment != null) {
            return new JournalEvent(
                at,
                position,
                segment.incarnation(),
                frame.sequence(),
                frame.appendedAt(),
                Payload.of(frame.kind(), frame.partition(), frame.schema(), frame.payload()));
          }
        }
        case Slot.Empty _, Slot.Torn _ -> {
          if (position.segment() >= newest) {
            return null;
          }
          position = new Position(position.segment() + 1, Segment.HEADER);
        }
      }
    }
  }
}
