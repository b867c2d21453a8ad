package io.serin.router.journal;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.UUID;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a journal: those that hold frames, the one that is appended to, and empty ones
 * made in advance. Appending and measuring need the journal's lock; making and deleting files
 * belongs to the housekeeper's thread, or to the opening before it starts.
 */
final class Segments {

  /** Segments to have ready, beyond what is reserved. */
  private static final int SPARES = 2;

  private final JournalSettings settings;
  private final Segment.Preallocation preallocation;
  private final InstantSource clock;
  private final ReentrantLock lock;
  private final Supplier<Frame> heading;
  private final Runnable rolled;
  private final byte[] scratch;
  private final ConcurrentNavigableMap<Long, Segment> segments = new ConcurrentSkipListMap<>();

  // Guarded by the lock.
  private final ArrayDeque<Segment> spares = new ArrayDeque<>();
  private @Nullable Segment active;
  private @Nullable UUID incarnation;
  private boolean closed;

  private volatile long newest;
  private volatile long lastNumber;
  private volatile int spareCount;

  /**
   * @param lock the journal's
   * @param heading the frame at the head of each segment, by which numbering continues when all
   *     segments before it are deleted
   * @param rolled runs after a new segment was begun; must not block
   */
  Segments(
      JournalSettings settings,
      Segment.Preallocation preallocation,
      InstantSource clock,
      ReentrantLock lock,
      Supplier<Frame> heading,
      Runnable rolled) {
    this.settings = settings;
    this.preallocation = preallocation;
    this.clock = clock;
    this.lock = lock;
    this.heading = heading;
    this.rolled = rolled;
    this.scratch = new byte[settings.maxFrameBytes()];
  }

  /** Takes over what a scan found, before anything is appended. */
  void adopt(Scan scan, UUID name) {
    incarnation = name;
    segments.putAll(scan.segments());
    spares.addAll(scan.spares());
    spareCount = spares.size();
    lastNumber = scan.lastNumber();
    newest = segments.isEmpty() ? 0 : segments.lastKey();
    Segment last = scan.appendable();
    active = last;
    if (last != null && last.tail() == Segment.HEADER) {
      last.append(heading.get(), scratch); // The process died between the two.
    }
  }

  @Nullable Segment get(long number) {
    return segments.get(number);
  }

  /** Number of the segment that is appended to. Any thread. */
  long newest() {
    return newest;
  }

  /** Where the oldest segment's first frame is. Any thread. */
  Position first() {
    return new Position(segments.isEmpty() ? 1 : segments.firstKey(), Segment.HEADER);
  }

  boolean isEmpty() {
    return segments.isEmpty();
  }

  /** Bytes of all files. Any thread. */
  long fileBytes() {
    return (long) (segments.size() + spareCount) * settings.segmentBytes();
  }

  /** Changes how many open tickets began in a segment. */
  void pin(Position begun, int by) {
    Segment segment = segments.get(begun.segment());
    if (segment != null) {
      segment.openTickets().addAndGet(by);
    }
  }

  /** Appends a frame; null where there is no room, or the disk under the mapped page fails. */
  @Nullable Position append(Frame frame) {
    Segment segment = active;
    if (segment == null || segment.remaining() < frame.size()) {
      segment = roll();
      if (segment == null) {
        return null;
      }
    }
    try {
      return new Position(segment.number(), segment.append(frame, scratch));
    } catch (InternalError e) { // What a failing disk under a mapped page becomes.
      active = null;
      return null;
    }
  }

  private @Nullable Segment roll() {
    UUID name = incarnation;
    Segment next = closed || name == null ? null : spares.poll();
    if (next == null) {
      return null;
    }
    spareCount = spares.size();
    next.writeHeader(name, clock.millis());
    next.append(heading.get(), scratch);
    segments.put(next.number(), next);
    active = next;
    newest = next.number();
    rolled.run();
    return next;
  }

  /**
   * Bytes that frames can surely take: of each segment without its head, its list of series, and
   * the end that a frame may be too large for.
   */
  long usable() {
    Segment segment = active;
    long here = segment == null ? 0 : Math.max(0, segment.remaining() - settings.maxFrameBytes());
    return closed ? 0 : here + (long) spares.size() * usableOfSpare();
  }

  long usableOfSpare() {
    return settings.segmentBytes() - Segment.HEADER - 2L * settings.maxFrameBytes();
  }

  /**
   * Makes files in advance.
   *
   * @param reserved bytes that open tickets keep, read under the lock
   * @return false where the bound or the disk allows no further one
   */
  boolean makeSpares(LongSupplier reserved) {
    while (!hasEnoughSpares(reserved)) {
      if (segments.size() + spareCount >= settings.maxSegments()) {
        return false;
      }
      try {
        addSpare(
            Segment.create(
                settings.directory(), lastNumber + 1, settings.segmentBytes(), preallocation));
      } catch (IOException e) {
        return false; // The disk is full: what does not fit is dropped and counted until it is not.
      }
    }
    return true;
  }

  private boolean hasEnoughSpares(LongSupplier reserved) {
    lock.lock();
    try {
      return closed || usable() - reserved.getAsLong() >= SPARES * usableOfSpare();
    } finally {
      lock.unlock();
    }
  }

  private void addSpare(Segment made) {
    lock.lock();
    try {
      lastNumber = made.number();
      spares.add(made);
      spareCount = spares.size();
    } finally {
      lock.unlock();
    }
  }

  /** Deletes acknowledged segments, strictly in order: a BEGIN must never outlive its end. */
  void deleteOld(@Nullable Position acknowledged) throws IOException {
    while (acknowledged != null && !segments.isEmpty()) {
      Segment oldest = segments.firstEntry().getValue();
      boolean done = oldest.number() < Math.min(acknowledged.segment(), newest);
      if (!done || oldest.openTickets().get() > 0) {
        return;
      }
      oldest.delete();
      segments.remove(oldest.number());
    }
  }

  /** Nothing is appended any more. */
  void close() {
    closed = true;
    active = null;
  }

  void force() {
    segments.values().forEach(Segment::force);
  }

  void unmap() {
    segments.values().forEach(Segment::unmap);
    spares.forEach(Segment::unmap);
  }
}
