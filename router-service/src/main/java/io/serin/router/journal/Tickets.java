package io.serin.router.journal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The open tickets of a journal and the room kept for their ends. Changes need the journal's lock;
 * {@link #unpin} takes it itself.
 */
final class Tickets {

  /** Room kept for what the end of a request has more than its beginning. */
  private static final int END_ALLOWANCE = 1024;

  /** A ticket is copied forward when it holds on to a segment this far behind. */
  private static final int PINNED_SEGMENTS = 3;

  /**
   * An open ticket.
   *
   * @param begun where its BEGIN frame is
   * @param attempts that were appended
   * @param reserved bytes kept for its end
   */
  record OpenTicket(Position begun, int attempts, int reserved) {}

  /** Appends a BEGIN frame; null where there is no room. The lock is held. */
  @FunctionalInterface
  interface Beginning {
    @Nullable Position append(Payload payload, int attempts, long ticket);
  }

  private final JournalSettings settings;
  private final Segments segments;
  private final ReentrantLock lock;
  private final Beginning beginning;
  private final Map<Long, OpenTicket> open = new ConcurrentHashMap<>();
  private long last;
  private long reserved;

  Tickets(JournalSettings settings, Segments segments, ReentrantLock lock, Beginning beginning) {
    this.settings = settings;
    this.segments = segments;
    this.lock = lock;
    this.beginning = beginning;
  }

  /** Room to keep for the end of a request that begins like this. */
  int reserveFor(Payload begun) {
    return Math.min(settings.maxFrameBytes(), Frame.sizeOf(begun.length()) + END_ALLOWANCE);
  }

  /** Bytes kept for all open tickets. */
  long reserved() {
    return reserved;
  }

  /** How many are open. */
  int count() {
    return open.size();
  }

  /** Numbers continue after this one. */
  void startAfter(long ticket) {
    last = ticket;
  }

  /** The next ticket's number, which {@link #opened} uses up. */
  long next() {
    return last + 1;
  }

  void opened(long ticket, Position begun, int attempts, int reserve) {
    last = Math.max(last, ticket);
    reserved += reserve;
    open.put(ticket, new OpenTicket(begun, attempts, reserve));
    segments.pin(begun, 1);
  }

  void attempted(long ticket) {
    open.computeIfPresent(
        ticket, (_, of) -> new OpenTicket(of.begun(), of.attempts() + 1, of.reserved()));
  }

  /** Takes a ticket out, its room still kept; null where it is not open. */
  @Nullable OpenTicket remove(long ticket) {
    return open.remove(ticket);
  }

  /** Gives the room of a removed ticket back. */
  void release(OpenTicket ticket) {
    reserved -= ticket.reserved();
    segments.pin(ticket.begun(), -1);
  }

  /** Copies tickets forward that keep an old segment from being deleted. */
  void unpin(@Nullable Position acknowledged) {
    if (acknowledged == null || segments.isEmpty()) {
      return;
    }
    long oldest = segments.first().segment();
    if (oldest >= acknowledged.segment() || segments.newest() - oldest < PINNED_SEGMENTS) {
      return;
    }
    for (Map.Entry<Long, OpenTicket> entry : open.entrySet()) {
      if (entry.getValue().begun().segment() == oldest && !copyForward(entry.getKey())) {
        return;
      }
    }
  }

  private boolean copyForward(long ticket) {
    lock.lock();
    try {
      OpenTicket of = open.get(ticket);
      Segment from = of == null ? null : segments.get(of.begun().segment());
      if (of == null || from == null || !(from.read(of.begun().offset()) instanceof Frame begun)) {
        return true;
      }
      Payload payload =
          Payload.of(begun.kind(), begun.partition(), begun.schema(), begun.payload());
      Position at = beginning.append(payload, of.attempts(), ticket);
      if (at == null) {
        return false;
      }
      open.put(ticket, new OpenTicket(at, of.attempts(), of.reserved()));
      segments.pin(at, 1);
      segments.pin(of.begun(), -1);
      return true;
    } finally {
      lock.unlock();
    }
  }
}
