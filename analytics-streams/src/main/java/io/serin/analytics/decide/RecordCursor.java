package io.serin.analytics.decide;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a topic holds of one rollout, in order, one record at a time. Not thread-safe. */
public interface RecordCursor<T> {
  /**
   * The next record, without passing it; null if none.
   *
   * @param expected true where one must be there: a reader of a topic may wait for it a little
   */
  @Nullable T peek(boolean expected);

  /** Goes past the next record. */
  void advance();

  /** From a list. */
  static <T> RecordCursor<T> of(List<T> records) {
    Iterator<T> iterator = records.iterator();
    return new RecordCursor<>() {
      private @Nullable T next;

      @Override
      public @Nullable T peek(boolean expected) {
        if (next == null && iterator.hasNext()) {
          next = iterator.next();
        }
        return next;
      }

      @Override
      public void advance() {
        peek(false);
        next = null;
      }
    };
  }
}
