package io.serin.statistics.sequential;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A process's counts by event-time window, and how far they are settled. Windows settle in their
 * order, all but the newest, which may still grow. A copy of the settled state is kept every
 * {@value #EVERY} windows, so a late count makes few windows settle again. {@link #foldBefore}
 * bounds the state: it replaces old windows by the settled state that follows from them. A count of
 * a folded window counts in the first open one. Not thread-safe.
 *
 * @param <W> counts of one window
 * @param <S> a copy of the settled state
 */
final class FoldedWindows<W, S> {
  /** The state of a process, as its windows settle. */
  interface Settled<W, S> {
    /** Takes in the counts of the next window. */
    void close(long window, W counts);

    S copy();

    /** Returns to an earlier state; null is the empty one. */
    void become(@Nullable S state);
  }

  private static final int EVERY = 32;
  private static final long NONE = Long.MIN_VALUE;

  private final Settled<W, S> process;
  private final TreeMap<Long, W> windows = new TreeMap<>();
  private final TreeMap<Long, S> copies = new TreeMap<>();
  private long settledThrough = NONE;
  private int sinceCopy;
  private boolean late;
  private @Nullable S folded;
  private long foldedThrough = NONE;

  FoldedWindows(Settled<W, S> process) {
    this.process = process;
  }

  /** The window in which a count of this window is kept: the first open one, or later. */
  long open(long window) {
    return foldedThrough == NONE ? window : Math.max(window, foldedThrough + 1);
  }

  /** Open windows. Those who change one say so by {@link #changed}. */
  NavigableMap<Long, W> windows() {
    return windows;
  }

  void changed(long window) {
    if (window <= settledThrough) {
      late = true;
      copies.tailMap(window, true).clear();
    }
  }

  /** The newest window that was ever counted in. */
  long newest() {
    return windows.isEmpty() ? foldedThrough : windows.lastKey();
  }

  /** Brings the state up to the newest window. */
  void settle() {
    if (late) {
      goBack();
    }
    if (windows.isEmpty()) {
      return;
    }
    long newest = windows.lastKey();
    var next = settledThrough == NONE ? windows.firstEntry() : windows.higherEntry(settledThrough);
    while (next != null && next.getKey() < newest) {
      process.close(next.getKey(), next.getValue());
      settledThrough = next.getKey();
      if (++sinceCopy >= EVERY) {
        copies.put(settledThrough, process.copy());
        sinceCopy = 0;
      }
      next = windows.higherEntry(settledThrough);
    }
  }

  /** The newest window before this one through which windows can be folded; null if none can. */
  @Nullable Long foldable(long before) {
    settle();
    return copies.lowerKey(before);
  }

  /** Folds what can be folded; gives the newest folded window, {@link Long#MIN_VALUE} if none. */
  long foldBefore(long before) {
    Long through = foldable(before);
    if (through != null) {
      folded = copies.get(through);
      foldedThrough = through;
      windows.headMap(foldedThrough, true).clear();
      copies.headMap(foldedThrough, true).clear();
    }
    return foldedThrough;
  }

  /** The settled state of the folded windows; null if none is folded. */
  @Nullable S folded() {
    return folded;
  }

  long foldedThrough() {
    return foldedThrough;
  }

  /** Continues from a folded state. */
  void unfold(long through, S state) {
    foldedThrough = through;
    folded = state;
    goBack();
  }

  /** To the last copy before every late count, to the folded state, or to nothing. */
  private void goBack() {
    late = false;
    sinceCopy = 0;
    var last = copies.lastEntry();
    process.become(last == null ? folded : last.getValue());
    settledThrough = last == null ? foldedThrough : last.getKey();
  }
}
