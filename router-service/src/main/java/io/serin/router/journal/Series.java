package io.serin.router.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** The next sequence of every (kind, partition). Not thread-safe. */
final class Series {

  private static final int ENTRY = 16;

  private final Map<Long, long[]> next = new HashMap<>();
  private final int limit;

  /**
   * @param maxBytes bound of {@link #encode}
   */
  Series(int maxBytes) {
    this.limit = maxBytes / ENTRY;
  }

  /** Whether the series exists or may be added. */
  boolean admits(int kind, int partition) {
    return next.containsKey(key(kind, partition)) || next.size() < limit;
  }

  long peek(int kind, int partition) {
    long[] value = next.get(key(kind, partition));
    return value == null ? 0 : value[0];
  }

  /** Notes that a sequence was used; a smaller one than before changes nothing. */
  void used(int kind, int partition, long sequence) {
    long[] value = next.computeIfAbsent(key(kind, partition), _ -> new long[1]);
    value[0] = Math.max(value[0], sequence + 1);
  }

  void clear() {
    next.clear();
  }

  byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(next.size() * ENTRY).order(ByteOrder.LITTLE_ENDIAN);
    next.forEach((key, value) -> out.putLong(key).putLong(value[0]));
    return out.array();
  }

  void decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (in.remaining() >= ENTRY) {
      long key = in.getLong();
      long value = in.getLong();
      if (value > 0) {
        used((int) (key >>> 32), (int) key, value - 1);
      }
    }
  }

  private static long key(int kind, int partition) {
    return (long) kind << 32 | (partition & 0xffffffffL);
  }
}
