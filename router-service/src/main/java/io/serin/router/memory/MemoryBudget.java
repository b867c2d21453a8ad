package io.serin.router.memory;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes that requests may hold at once: bodies that are read, kept for a second attempt or
 * captured, and answers that are held as a whole. One for all event loops. Thread-safe.
 *
 * <p>An eighth is kept for small requests: large bodies, however many and however slow, leave room
 * for others.
 */
public final class MemoryBudget {

  /** What a request holds up to here may come out of the part for small requests. */
  static final int SMALL_BYTES = 64 << 10;

  private static final int HEAP_SHARE = 2;
  private static final int SMALL_SHARE = 8;
  private static final int CAPTURE_SHARE = 16;
  private static final long MOST_CAPTURE_BYTES = 32L << 20;

  private final long mostBytes;
  private final long mostForLarge;
  private final AtomicLong held = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();

  /**
   * @param mostBytes all together, at least 1
   */
  public MemoryBudget(long mostBytes) {
    if (mostBytes < 1) {
      throw new IllegalArgumentException("memory: " + mostBytes + " bytes, must be at least 1");
    }
    this.mostBytes = mostBytes;
    this.mostForLarge = mostBytes - mostBytes / SMALL_SHARE;
  }

  /** What requests may hold where the JVM has this much heap: half of it. */
  public static long ofHeap(long maxHeapBytes) {
    return Math.max(1, maxHeapBytes / HEAP_SHARE);
  }

  /** What captured payloads that wait for redaction may hold beside it: a sixteenth of the heap. */
  public static long capturesOfHeap(long maxHeapBytes) {
    return Math.clamp(maxHeapBytes / CAPTURE_SHARE, 1, MOST_CAPTURE_BYTES);
  }

  /** An account for one request. */
  public Hold hold() {
    return new Hold(this);
  }

  /** Bytes that are held. */
  public long held() {
    return held.get();
  }

  /** How often bytes were refused since the start. */
  public long refusals() {
    return refusals.get();
  }

  boolean take(long bytes, boolean large) {
    long most = large ? mostForLarge : mostBytes;
    long now = held.addAndGet(bytes);
    if (now <= most) {
      return true;
    }
    held.addAndGet(-bytes);
    refusals.incrementAndGet();
    return false;
  }

  /** Whether a request could hold this much now. Nothing is taken. */
  boolean fits(long bytes) {
    boolean fits = held.get() + bytes <= (bytes > SMALL_BYTES ? mostForLarge : mostBytes);
    if (!fits) {
      refusals.incrementAndGet();
    }
    return fits;
  }

  void giveBack(long bytes) {
    held.addAndGet(-bytes);
  }
}
