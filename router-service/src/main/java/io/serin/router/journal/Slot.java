package io.serin.router.journal;

/** What is found at an offset of a segment. */
sealed interface Slot permits Frame, Slot.Empty, Slot.Torn {

  /** Nothing was written here yet, or the segment ends. */
  record Empty() implements Slot {
    static final Empty INSTANCE = new Empty();
  }

  /** Bytes that are no whole frame: a write that never ended, or damage. */
  record Torn() implements Slot {
    static final Torn INSTANCE = new Torn();
  }
}
