package io.serin.router.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A queue of events in memory-mapped files, which is all that stands between a request's end and
 * Kafka.
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

  /** Room kept for what the end of a request has more than its beginning. */
  private static final int END_ALLOWANCE = 1024;

  /** A ticket is copied forward when it holds on to a segment this far behind. */
  private static final int PINNED_SEGMENTS = 3;

  /** Segments to have ready, beyond what is reserved. */
  private static final int SPARES = 2;

  private static final byte[] NOTHING = new byte[0];

  private record OpenTicket(Position begun, int attempts, int reserved) {}

  private final JournalSettings settings;
  private final InstantSource clock;
  private final Segment.Preallocation preallocation;
  private final UUID incarnation;
  private final String boot;
  private final JournalLock directoryLock;
  private final Checkpoint checkpoint;
  private final Recovered recovered;
  private final Housekeeper housekeeper = new Housekeeper();

  private final ConcurrentNavigableMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
  private final Map<Long, OpenTicket> open = new ConcurrentHashMap<>();

  /** Guards all below; held for a copy in memory only, never for I/O. */
  private final ReentrantLock lock = new ReentrantLock();

  private final ArrayDeque<Segment> spares = new ArrayDeque<>();
  private final Series series;
  private final byte[] scratch;
  private @Nullable Segment active;
  private long reserved;
  private long appendedEvents;
  private long appendedBytes;
  private long lastTicket;
  private boolean closed;

  private volatile long newestSegment;
  private volatile long lastSegmentNumber;
  private volatile int spareCount;
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
    this.preallocation = preallocation;
    this.boot = boot;
    this.directoryLock = directoryLock;
    this.series = new Series(settings.maxEventBytes());
    this.scratch = new byte[settings.maxFrameBytes()];
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
      int reserve = reserveFor(ifProcessDies);
      if (!fits(ifProcessDies, 0, reserve)) {
        return 0;
      }
      long ticket = lastTicket + 1;
      Position at = append(frame(FrameType.BEGIN, ifProcessDies, 0, 0, ticket));
      if (at == null) {
        return 0;
      }
      lastTicket = ticket;
      reserved += reserve;
      open.put(ticket, new OpenTicket(at, 0, reserve));
      pin(at, 1);
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
      open.computeIfPresent(
          ticket, (_, of) -> new OpenTicket(of.begun(), of.attempts() + 1, of.reserved()));
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
        OpenTicket of = open.remove(ticket);
        if (of == null) {
          return false;
        }
        boolean published =
            fits(last, of.reserved(), 0) && publish(FrameType.CLOSING_EVENT, last, ticket) != null;
        if (!published) {
          checkpoint.countDropped();
          append(frame(FrameType.CLOSE, Payload.of(0, 0, 0, NOTHING), 0, 0, ticket));
        }
        reserved -= of.reserved();
        pin(of.begun(), -1);
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

  /** Counts an event that the caller could not even encode. */
  public void countDropped() {
    checkpoint.countDropped();
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
    long events =
        acknowledgedEvents
            .get(); // Before what was appended, so that the difference is never negative.
    long bytes = acknowledgedBytes.get();
    long files = (long) (segments.size() + spareCount) * settings.segmentBytes();
    lock.lock();
    try {
      return new JournalStatus(
          appendedEvents - events,
          appendedBytes - bytes,
          checkpoint.dropped(),
          open.size(),
          files,
          reserved);
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
      active = null;
    } finally {
      lock.unlock();
    }
    housekeeper.stop();
    segments.values().forEach(Segment::force);
    checkpoint.force();
    new Identity(incarnation, boot, true).write(settings.directory());
    segments.values().forEach(Segment::unmap);
    spares.forEach(Segment::unmap);
    directoryLock.close();
  }

  @Nullable Segment segment(long number) {
    return segments.get(number);
  }

  long newestSegment() {
    return newestSegment;
  }

  private Position start() {
    Position acknowledged = checkpoint.position();
    Position first = new Position(segments.isEmpty() ? 1 : segments.firstKey(), Segment.HEADER);
    return acknowledged == null || acknowledged.compareTo(first) < 0 ? first : acknowledged;
  }

  // ---- appending: all with the lock held ----

  private Frame frame(FrameType type, Payload payload, int attempts, long sequence, long ticket) {
    return new Frame(
        type,
        payload.kind(),
        attempts,
        payload.partition(),
        sequence,
        ticket,
        payload.schema(),
        clock.millis(),
        payload.bytes(),
        payload.length());
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
    long left = usable() - (reserved - freed) - Frame.sizeOf(payload.length()) - kept;
    if (left < usableOfSpare()) {
      housekeeper.wake();
    }
    return left >= 0;
  }

  /**
   * Bytes that frames can surely take: of each segment without its head, its list of series, and
   * the end that a frame may be too large for.
   */
  private long usable() {
    Segment segment = active;
    long here = segment == null ? 0 : Math.max(0, segment.remaining() - settings.maxFrameBytes());
    return closed ? 0 : here + (long) spares.size() * usableOfSpare();
  }

  private long usableOfSpare() {
    return settings.segmentBytes() - Segment.HEADER - 2L * settings.maxFrameBytes();
  }

  private @Nullable Position publish(FrameType type, Payload event, long ticket) {
    long sequence = series.peek(event.kind(), event.partition());
    Position at = append(frame(type, event, 0, sequence, ticket));
    if (at != null) {
      series.used(event.kind(), event.partition(), sequence);
      appendedBytes += Frame.sizeOf(event.length());
      appendedEvents++;
    }
    return at;
  }

  private @Nullable Position append(Frame frame) {
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
    if (closed) {
      return null;
    }
    Segment next = spares.poll();
    if (next == null) {
      return null;
    }
    spareCount = spares.size();
    next.writeHeader(incarnation, clock.millis());
    next.append(heading(), scratch);
    segments.put(next.number(), next);
    active = next;
    newestSegment = next.number();
    housekeeper.wake();
    return next;
  }

  /**
   * The frame at the head of a segment, by which numbering goes on when all before it is deleted.
   */
  private Frame heading() {
    return frame(FrameType.SERIES, Payload.of(0, 0, 0, series.encode()), 0, 0, 0);
  }

  private void pin(Position begun, int by) {
    Segment segment = segments.get(begun.segment());
    if (segment != null) {
      segment.openTickets().addAndGet(by);
    }
  }

  // ---- opening ----

  private void adopt(Scan scan) throws IOException {
    segments.putAll(scan.segments());
    spares.addAll(scan.spares());
    spareCount = spares.size();
    lastSegmentNumber = scan.lastNumber();
    lastTicket = scan.lastTicket();
    appendedEvents = scan.backlog();
    appendedBytes = scan.backlogBytes();
    newestSegment = segments.isEmpty() ? 0 : segments.lastKey();
    series.decode(scan.series().encode());
    Segment last = scan.appendable();
    active = last;
    if (last != null && last.tail() == Segment.HEADER) {
      last.append(heading(), scratch); // The process died between the two.
    }
  }

  private int bury(Scan scan, Death death) {
    scan.open()
        .forEach(
            (ticket, begun) -> {
              int reserve = reserveFor(begun.payload());
              reserved += reserve;
              open.put(ticket, new OpenTicket(begun.at(), begun.attempts(), reserve));
              pin(begun.at(), 1);
            });
    makeSpares();
    int died = 0;
    for (Map.Entry<Long, Scan.Begun> entry : scan.open().entrySet()) {
      if (end(entry.getKey(), event(death, entry.getValue()))) {
        died++;
      }
    }
    return died;
  }

  private int reserveFor(Payload begun) {
    return Math.min(settings.maxFrameBytes(), Frame.sizeOf(begun.length()) + END_ALLOWANCE);
  }

  private Payload event(Death death, Scan.Begun begun) {
    try {
      return death.of(begun.payload(), begun.attempts());
    } catch (RuntimeException e) {
      return Payload.unreadable();
    }
  }

  // ---- housekeeping: on its own thread, or before it starts ----

  /** Makes files in advance; false where the bound or the disk allows no further one. */
  private boolean makeSpares() {
    while (!hasEnoughSpares()) {
      if (segments.size() + spareCount >= settings.maxSegments()) {
        return false;
      }
      try {
        addSpare(
            Segment.create(
                settings.directory(),
                lastSegmentNumber + 1,
                settings.segmentBytes(),
                preallocation));
      } catch (IOException e) {
        return false; // The disk is full: what does not fit is dropped and counted until it is not.
      }
    }
    return true;
  }

  private boolean hasEnoughSpares() {
    lock.lock();
    try {
      return closed || usable() - reserved >= SPARES * usableOfSpare();
    } finally {
      lock.unlock();
    }
  }

  private void addSpare(Segment made) {
    lock.lock();
    try {
      lastSegmentNumber = made.number();
      spares.add(made);
      spareCount = spares.size();
    } finally {
      lock.unlock();
    }
  }

  private void deleteOld() throws IOException {
    Position acknowledged = checkpoint.position();
    while (acknowledged != null && !segments.isEmpty()) {
      Segment oldest = segments.firstEntry().getValue();
      boolean done = oldest.number() < Math.min(acknowledged.segment(), newestSegment);
      if (!done || oldest.openTickets().get() > 0) {
        return;
      }
      oldest.delete(); // Strictly in order: a BEGIN must never outlive its end.
      segments.remove(oldest.number());
    }
  }

  /** Copies tickets forward that keep an old segment from being deleted. */
  private void unpin() {
    Position acknowledged = checkpoint.position();
    if (acknowledged == null || segments.isEmpty()) {
      return;
    }
    long oldest = segments.firstKey();
    if (oldest >= acknowledged.segment() || newestSegment - oldest < PINNED_SEGMENTS) {
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
      Position at =
          fits(payload, 0, 0)
              ? append(frame(FrameType.BEGIN, payload, of.attempts(), 0, ticket))
              : null;
      if (at == null) {
        return false;
      }
      open.put(ticket, new OpenTicket(at, of.attempts(), of.reserved()));
      pin(at, 1);
      pin(of.begun(), -1);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The one thread of the journal that makes and deletes files. */
  private final class Housekeeper implements Runnable {

    private static final long IDLE_NANOS = 1_000_000_000L;
    private static final long PAUSE_MILLIS = 20;

    private final Thread thread =
        Thread.ofPlatform().daemon().name("journal-housekeeper").unstarted(this);
    private volatile boolean wanted;
    private volatile boolean stopping;

    void start() {
      thread.start();
    }

    void wake() {
      if (!wanted) {
        wanted = true;
        LockSupport.unpark(thread);
      }
    }

    void stop() {
      stopping = true;
      LockSupport.unpark(thread);
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void run() {
      while (!stopping) {
        wanted = false;
        boolean roomToGrow = work();
        if (!roomToGrow) {
          LockSupport.parkNanos(
              PAUSE_MILLIS * 1_000_000); // Whoever wakes us now would ask for the same.
        }
        if (!wanted && !stopping) {
          LockSupport.parkNanos(IDLE_NANOS);
        }
      }
    }

    private boolean work() {
      try {
        unpin();
        deleteOld();
      } catch (IOException e) {
        // Tried again with the next round; younger segments wait for it.
      }
      return makeSpares();
    }
  }
}
