package io.serin.router.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A queue of events in memory-mapped files, between a request's end and Kafka.
 *
 * <p>An append copies the event into mapped memory under a lock that is held for less than a
 * microsecond; no append waits for the disk, and none throws. What was appended survives the death
 * of the process (not of the machine), because the pages are the operating system's. Where the
 * journal or the disk is full, the event is dropped and counted, and takes no sequence.
 *
 * <p>{@link #begin} opens a ticket and keeps room for {@link #end}, so that the end of a request
 * fits where its beginning did. A ticket that is open when the process dies becomes an event when
 * the directory is opened again: once, also where the process is killed meanwhile.
 *
 * <p>Sequences of a (kind, partition) are 0, 1, 2 … within an incarnation, in the order of the
 * journal. The incarnation stays with the directory, unless the machine went down and may have
 * taken the tail with it: reusing the numbers of events that were already published would make
 * readers take new events for old ones.
 *
 * <p>Thread-safe; one reader acknowledges. Segments are deleted oldest first, when all they hold is
 * acknowledged and no open ticket began there; a ticket that stays open long is copied forward.
 */
public final class Journal implements AutoCloseable {

  private static final byte[] NOTHING = new byte[0];

  private final JournalSettings settings;
  private final InstantSource clock;
  private final UUID incarnation;
  private final String boot;
  private final JournalLock directoryLock;
  private final Checkpoint checkpoint;
  private final Recovered recovered;
  private final Housekeeper housekeeper = new Housekeeper(this::keepHouse);
  private final Segments segments;

  private final Tickets tickets;

  /** Guards all below; held for a copy in memory only, never for I/O. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Series series;
  private long appendedEvents;
  private long appendedBytes;
  private boolean closed;

  private final AtomicLong acknowledgedEvents = new AtomicLong();
  private final AtomicLong acknowledgedBytes = new AtomicLong();
  private volatile Runnable onAppend = () -> {};

  /**
   * Opens the journal of a directory, made where it is missing.
   *
   * @param death what a request becomes that was under way when the process died
   * @throws JournalInUseException if another process has it open
   * @throws IOException if the directory cannot be used; a disk too full for segments is no error
   *     but drops
   */
  public static Journal open(JournalSettings settings, Death death, InstantSource clock)
      throws IOException {
    return open(
        settings, death, clock, UUID::randomUUID, Boot.current(), Segment.Preallocation::zeros);
  }

  static Journal open(
      JournalSettings settings,
      Death death,
      InstantSource clock,
      Supplier<UUID> ids,
      String boot,
      Segment.Preallocation preallocation)
      throws IOException {
    Files.createDirectories(settings.directory());
    JournalLock lock = JournalLock.acquire(settings.directory());
    try {
      return new Journal(settings, death, clock, ids, boot, preallocation, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private Journal(
      JournalSettings settings,
      Death death,
      InstantSource clock,
      Supplier<UUID> ids,
      String boot,
      Segment.Preallocation preallocation,
      JournalLock directoryLock)
      throws IOException {
    this.settings = settings;
    this.clock = clock;
    this.boot = boot;
    this.directoryLock = directoryLock;
    this.series = new Series(settings.maxEventBytes());
    this.segments =
        new Segments(settings, preallocation, clock, lock, this::heading, housekeeper::wake);
    this.tickets = new Tickets(settings, segments, lock, this::begun);
    Path directory = settings.directory();
    this.checkpoint = Checkpoint.open(directory.resolve("checkpoint"));
    Scan scan = Scan.of(settings, Identity.read(directory), boot, checkpoint.position());
    UUID found = scan.incarnation();
    this.incarnation = found == null ? ids.get() : found;
    new Identity(incarnation, boot, false).write(directory);
    adopt(scan);
    int died = bury(scan, death);
    this.recovered =
        new Recovered(scan.segments().size(), appendedEvents, died, found == null, scan.notes());
    housekeeper.start();
  }

  /** What was found when the journal was opened. */
  public Recovered recovered() {
    return recovered;
  }

  /**
   * Opens a ticket.
   *
   * @param ifProcessDies the event to publish should this process die before {@link #end}
   * @return the ticket, greater than 0; 0 where there was no room for it and for the end
   */
  public long begin(Payload ifProcessDies) {
    lock.lock();
    try {
      int reserve = tickets.reserveFor(ifProcessDies);
      if (!fits(ifProcessDies, 0, reserve)) {
        return 0;
      }
      long ticket = tickets.next();
      Position at = segments.append(frame(FrameType.BEGIN, ifProcessDies, 0, 0, ticket));
      if (at == null) {
        return 0;
      }
      tickets.opened(ticket, at, 0, reserve);
      return ticket;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Appends an event that belongs to a ticket and leaves it open.
   *
   * @param ticket 0 for none
   * @return false where the event was dropped
   */
  public boolean attempt(long ticket, Payload event) {
    lock.lock();
    try {
      if (!fits(event, 0, 0) || publish(FrameType.EVENT, event, ticket) == null) {
        checkpoint.countDropped();
        return false;
      }
      tickets.attempted(ticket);
    } finally {
      lock.unlock();
    }
    onAppend.run();
    return true;
  }

  /**
   * Appends the event that closes a ticket. The room kept by {@link #begin} is enough for it,
   * unless it is more than 1 KiB longer than what begin was given.
   *
   * @param ticket 0 where begin gave none
   * @return false where the event was dropped, or the ticket was closed before
   */
  public boolean end(long ticket, Payload last) {
    lock.lock();
    try {
      if (ticket == 0) {
        if (!fits(last, 0, 0) || publish(FrameType.EVENT, last, 0) == null) {
          checkpoint.countDropped();
          return false;
        }
      } else {
        Tickets.OpenTicket of = tickets.remove(ticket);
        if (of == null) {
          return false;
        }
        boolean published =
            fits(last, of.reserved(), 0) && publish(FrameType.CLOSING_EVENT, last, ticket) != null;
        if (!published) {
          checkpoint.countDropped();
          segments.append(frame(FrameType.CLOSE, Payload.of(0, 0, 0, NOTHING), 0, 0, ticket));
        }
        tickets.release(of);
        if (!published) {
          return false;
        }
      }
    } finally {
      lock.unlock();
    }
    onAppend.run();
    return true;
  }

  /**
   * Appends an event that belongs to no ticket.
   *
   * @return false where it was dropped
   */
  public boolean append(Payload event) {
    return attempt(0, event);
  }

  /** Reads from the first event that was not acknowledged. */
  public JournalReader reader() {
    return new JournalReader(this, start());
  }

  /** Everything before it was acknowledged. */
  public Position acknowledged() {
    return start();
  }

  /**
   * Notes that everything before {@code upTo} needs no sending any more. One thread, positions that
   * grow.
   *
   * @param events acknowledged since the last call
   * @param bytes that they take
   */
  public void acknowledge(Position upTo, long events, long bytes) {
    long before = start().segment();
    checkpoint.advance(upTo);
    acknowledgedEvents.addAndGet(events);
    acknowledgedBytes.addAndGet(bytes);
    if (before != upTo.segment()) {
      housekeeper.wake();
    }
  }

  /** Name giver of the events that are numbered now. */
  public UUID incarnation() {
    return incarnation;
  }

  /** Runs after each append, on the appending thread, outside the lock: it must not block. */
  public void onAppend(Runnable listener) {
    onAppend = listener;
  }

  public JournalStatus status() {
    long events = acknowledgedEvents.get(); // Read first: the difference is never negative.
    long bytes = acknowledgedBytes.get();
    long files = segments.fileBytes();
    lock.lock();
    try {
      return new JournalStatus(
          appendedEvents - events,
          appendedBytes - bytes,
          checkpoint.dropped(),
          tickets.count(),
          files,
          tickets.reserved());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Forces all to disk and frees the directory. Readers must have stopped; open tickets stay open.
   */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      segments.close();
    } finally {
      lock.unlock();
    }
    housekeeper.stop();
    segments.force();
    checkpoint.force();
    new Identity(incarnation, boot, true).write(settings.directory());
    segments.unmap();
    directoryLock.close();
  }

  @Nullable Segment segment(long number) {
    return segments.get(number);
  }

  long newestSegment() {
    return segments.newest();
  }

  private Position start() {
    Position acknowledged = checkpoint.position();
    Position first = segments.first();
    return acknowledged == null || acknowledged.compareTo(first) < 0 ? first : acknowledged;
  }

  // Appending: all with the lock held.

  private Frame frame(FrameType type, Payload payload, int attempts, long sequence, long ticket) {
    return Frame.of(type, payload, attempts, sequence, ticket, clock.millis());
  }

  /**
   * Whether a frame fits after {@code freed} bytes are given back, so that {@code kept} more can be
   * reserved.
   */
  private boolean fits(Payload payload, long freed, long kept) {
    if (payload.length() > settings.maxEventBytes()
        || !series.admits(payload.kind(), payload.partition())) {
      return false;
    }
    long left =
        segments.usable() - (tickets.reserved() - freed) - Frame.sizeOf(payload.length()) - kept;
    if (left < segments.usableOfSpare()) {
      housekeeper.wake();
    }
    return left >= 0;
  }

  private @Nullable Position publish(FrameType type, Payload event, long ticket) {
    long sequence = series.peek(event.kind(), event.partition());
    Position at = segments.append(frame(type, event, 0, sequence, ticket));
    if (at != null) {
      series.used(event.kind(), event.partition(), sequence);
      appendedBytes += Frame.sizeOf(event.length());
      appendedEvents++;
    }
    return at;
  }

  private @Nullable Position begun(Payload payload, int attempts, long ticket) {
    return fits(payload, 0, 0)
        ? segments.append(frame(FrameType.BEGIN, payload, attempts, 0, ticket))
        : null;
  }

  /** The frame at the head of each segment. */
  private Frame heading() {
    return frame(FrameType.SERIES, Payload.of(0, 0, 0, series.encode()), 0, 0, 0);
  }

  private void adopt(Scan scan) {
    tickets.startAfter(scan.lastTicket());
    appendedEvents = scan.backlog();
    appendedBytes = scan.backlogBytes();
    series.decode(scan.series().encode());
    segments.adopt(scan, incarnation);
  }

  private int bury(Scan scan, Death death) {
    scan.open()
        .forEach(
            (ticket, begun) -> {
              int reserve = tickets.reserveFor(begun.payload());
              tickets.opened(ticket, begun.at(), begun.attempts(), reserve);
            });
    segments.makeSpares(tickets::reserved);
    int died = 0;
    for (Map.Entry<Long, Scan.Begun> entry : scan.open().entrySet()) {
      if (end(entry.getKey(), event(death, entry.getValue()))) {
        died++;
      }
    }
    return died;
  }

  private Payload event(Death death, Scan.Begun begun) {
    try {
      return death.of(begun.payload(), begun.attempts());
    } catch (RuntimeException e) {
      return Payload.unreadable();
    }
  }

  private boolean keepHouse() {
    try {
      tickets.unpin(checkpoint.position());
      segments.deleteOld(checkpoint.position());
    } catch (IOException e) {
      // Retried with the next round; younger segments wait for it.
    }
    return segments.makeSpares(tickets::reserved);
  }
}
