package io.serin.worker.position;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which records of one partition are done. Work finishes in any order; what is committed is the
 * position of the lowest unfinished record, together with the records above it that are already
 * done, as the commit's metadata. A worker that takes over reads both and does none of them again.
 *
 * <p>Not thread-safe: it belongs to the thread that polls.
 */
public final class OffsetLedger {
  /**
   * Records that may be unfinished at once. Runs of finished ones lie between them, so that the
   * metadata stays well within the 4096 bytes that brokers take by default.
   */
  public static final int MAX_PENDING = 250;

  private static final String VERSION = "1:";

  private final NavigableSet<Long> unfinished = new TreeSet<>();

  /**
   * First offset of a run that is done → last offset of it, both inclusive; all above the position.
   */
  private final NavigableMap<Long, Long> done = new TreeMap<>();

  private long next;

  /** What is committed: a position and what is known above it. */
  public record Commit(long position, String metadata) {}

  /** A partition of which nothing is known: starts where it is read first. */
  public OffsetLedger() {
    this(0);
  }

  private OffsetLedger(long next) {
    this.next = next;
  }

  /**
   * The ledger that a commit describes.
   *
   * @throws IllegalArgumentException where the metadata is not of a ledger
   */
  public static OffsetLedger of(Commit commit) {
    OffsetLedger ledger = new OffsetLedger(commit.position());
    if (commit.metadata().isEmpty()) {
      return ledger;
    }
    if (!commit.metadata().startsWith(VERSION)) {
      throw new IllegalArgumentException(
          "the group's committed metadata is \""
              + commit.metadata()
              + "\": it must begin with "
              + VERSION);
    }
    ByteBuffer bytes =
        ByteBuffer.wrap(
            Base64.getUrlDecoder().decode(commit.metadata().substring(VERSION.length())));
    long at = commit.position();
    while (bytes.hasRemaining()) {
      long from = at + number(bytes);
      long to = from + number(bytes);
      ledger.done.put(from, to);
      at = to;
    }
    return ledger;
  }

  /** Takes a record on; false where it is done already. */
  public boolean begin(long offset) {
    if (offset > next) {
      add(next, offset - 1); // between two records there is none: a transaction's end, or retention
    }
    next = Math.max(next, offset + 1);
    if (isDone(offset)) {
      return false;
    }
    unfinished.add(offset);
    return true;
  }

  /** The record's result is to be published with the next commit. */
  public void finish(long offset) {
    if (!unfinished.remove(offset)) {
      return;
    }
    add(offset, offset);
  }

  private void add(long first, long last) {
    long from = first;
    long to = last;
    for (var run = done.floorEntry(to + 1);
        run != null && run.getValue() >= from - 1;
        run = done.floorEntry(to + 1)) {
      from = Math.min(from, run.getKey());
      to = Math.max(to, run.getValue());
      done.remove(run.getKey());
    }
    done.put(from, to);
  }

  /** Records taken on and not finished. */
  public int pending() {
    return unfinished.size();
  }

  /** What to commit now. */
  public Commit commit() {
    long position = unfinished.isEmpty() ? next : unfinished.first();
    while (!done.isEmpty() && done.firstEntry().getValue() < position) {
      done.pollFirstEntry();
    }
    var first = done.isEmpty() ? null : done.firstEntry();
    if (first != null && first.getKey() < position) {
      done.remove(first.getKey());
      done.put(position, first.getValue());
    }
    ByteBuffer bytes = ByteBuffer.allocate(done.size() * 20);
    long at = position;
    for (var run : done.entrySet()) {
      number(bytes, run.getKey() - at);
      number(bytes, run.getValue() - run.getKey());
      at = run.getValue();
    }
    byte[] written = new byte[bytes.position()];
    bytes.get(0, written);
    String metadata =
        written.length == 0
            ? ""
            : VERSION + Base64.getUrlEncoder().withoutPadding().encodeToString(written);
    return new Commit(position, metadata);
  }

  private boolean isDone(long offset) {
    var run = done.floorEntry(offset);
    return run != null && run.getValue() >= offset;
  }

  private static void number(ByteBuffer bytes, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes.put((byte) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    bytes.put((byte) rest);
  }

  private static long number(ByteBuffer bytes) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
