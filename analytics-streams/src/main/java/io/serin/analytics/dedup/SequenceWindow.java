package io.serin.analytics.dedup;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The sequences of one (incarnation, partition) that were seen: every one up to the highest, but
 * for the holes.
 *
 * <p>A journal sends in order, so a hole is rare: an event that a full journal dropped, or one that
 * is still on its way behind a retry. Neighbouring holes are one range. At most {@code maxHoles}
 * ranges are kept; beyond that the lowest is forgotten, and an event that would have filled it is
 * taken for a duplicate and counted by {@link #forgotten()} as lost: bounded state prefers a
 * counted loss to a double count. Not thread-safe.
 */
public final class SequenceWindow {
  private static final byte VERSION = 1;

  private final int maxHoles;

  /** First missing sequence of a hole → last missing sequence of it, both inclusive. */
  private final NavigableMap<Long, Long> holes;

  private long highest;
  private long forgotten;

  private SequenceWindow(
      int maxHoles, NavigableMap<Long, Long> holes, long highest, long forgotten) {
    if (maxHoles < 1) {
      throw new IllegalArgumentException("maxHoles is " + maxHoles + ": must be at least 1");
    }
    this.maxHoles = maxHoles;
    this.holes = holes;
    this.highest = highest;
    this.forgotten = forgotten;
  }

  /** A window that has seen nothing. */
  public static SequenceWindow empty(int maxHoles) {
    return new SequenceWindow(maxHoles, new TreeMap<>(), -1, 0);
  }

  /**
   * Takes a sequence in.
   *
   * @param sequence 0 or greater
   * @return true the first time it is seen
   */
  public boolean add(long sequence) {
    if (sequence < 0) {
      throw new IllegalArgumentException("sequence is " + sequence + ": must be 0 or greater");
    }
    if (sequence > highest) {
      if (sequence > highest + 1) {
        holes.put(highest + 1, sequence - 1);
        bound();
      }
      highest = sequence;
      return true;
    }
    return fill(sequence);
  }

  /** The highest sequence seen; −1 where none was. */
  public long highest() {
    return highest;
  }

  /** Ranges of sequences below the highest that were not seen. */
  public int holes() {
    return holes.size();
  }

  /** Sequences that are taken for seen only because their hole was forgotten. */
  public long forgotten() {
    return forgotten;
  }

  /** The window as bytes, read again by {@link #fromBytes}. */
  public byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(1 + 8 + 8 + 4 + holes.size() * 16);
    bytes.put(VERSION).putLong(highest).putLong(forgotten).putInt(holes.size());
    holes.forEach((from, to) -> bytes.putLong(from).putLong(to));
    return bytes.array();
  }

  /**
   * Reads what {@link #toBytes} wrote. State of another version of Serin, left by an upgrade that
   * was taken back, stops no one: the window then begins at {@code next}, and every sequence below
   * counts as seen, since a counted loss is better than a double count.
   *
   * @param next the sequence at hand
   */
  public static SequenceWindow fromBytes(byte[] value, int maxHoles, long next) {
    ByteBuffer bytes = ByteBuffer.wrap(value);
    if (bytes.get() != VERSION) {
      return new SequenceWindow(maxHoles, new TreeMap<>(), next - 1, 0);
    }
    long highest = bytes.getLong();
    long forgotten = bytes.getLong();
    int count = bytes.getInt();
    NavigableMap<Long, Long> holes = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      holes.put(bytes.getLong(), bytes.getLong());
    }
    SequenceWindow window = new SequenceWindow(maxHoles, holes, highest, forgotten);
    window.bound();
    return window;
  }

  private boolean fill(long sequence) {
    Map.Entry<Long, Long> hole = holes.floorEntry(sequence);
    if (hole == null || hole.getValue() < sequence) {
      return false;
    }
    long from = hole.getKey();
    long to = hole.getValue();
    holes.remove(from);
    if (from < sequence) {
      holes.put(from, sequence - 1);
    }
    if (sequence < to) {
      holes.put(sequence + 1, to);
    }
    bound();
    return true;
  }

  private void bound() {
    while (holes.size() > maxHoles) {
      Map.Entry<Long, Long> lowest = holes.pollFirstEntry();
      forgotten += lowest.getValue() - lowest.getKey() + 1;
    }
  }
}
