package io.serin.router.http;

import io.netty.buffer.ByteBuf;
import io.serin.router.memory.Hold;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes that come in pieces, kept in arrays that the request's memory pays for before they are
 * made: pieces of a byte each cost no more than one large one. Confined to an event loop.
 */
final class Segments {

  private static final int FIRST_BYTES = 4 << 10;

  /** Size of all segments but the first ones. */
  static final int MOST_BYTES = 64 << 10;

  private final Hold memory;
  private final List<byte[]> full = new ArrayList<>();
  private byte[] last = new byte[0];
  private int used;
  private int length;

  Segments(Hold memory) {
    this.memory = memory;
  }

  int length() {
    return length;
  }

  /** Adds bytes; returns false where there is no memory for them. */
  boolean add(ByteBuf bytes) {
    while (bytes.isReadable()) {
      if (used == last.length && !next(bytes.readableBytes())) {
        return false;
      }
      int count = Math.min(bytes.readableBytes(), last.length - used);
      bytes.readBytes(last, used, count);
      used += count;
      length += count;
    }
    return true;
  }

  private boolean next(int wanted) {
    int size = Math.clamp(Math.max(wanted, length), FIRST_BYTES, MOST_BYTES);
    if (!memory.take(size)) {
      return false;
    }
    if (used > 0) {
      full.add(last);
    }
    last = new byte[size];
    used = 0;
    return true;
  }

  /** All bytes in one array. */
  byte[] all() {
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] each : full) {
      System.arraycopy(each, 0, all, at, each.length);
      at += each.length;
    }
    System.arraycopy(last, 0, all, at, used);
    return all;
  }
}
