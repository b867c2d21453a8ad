package io.serin.router.kafka;

import io.serin.router.journal.Journal;
import io.serin.router.journal.JournalEvent;
import io.serin.router.journal.JournalReader;
import io.serin.router.journal.Position;
import io.serin.schemas.topics.Partitions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the journal to Kafka, in order, on a thread of its own, and notes in the journal what Kafka
 * acknowledged.
 *
 * <p>Fails towards waiting: an absent broker or registry, a missing topic or permission is retried
 * indefinitely, with the journal as the buffer and a bounded number of events in memory. What was
 * sent and not acknowledged is then sent again, under the same id. An event that no retry can help
 * is counted, logged and skipped.
 */
public final class Publisher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

  private static final long SLEEP_NANOS = 500_000_000;

  /** An event on its way. */
  private static final class Sent {
    final JournalEvent event;
    volatile boolean acknowledged;
    volatile @Nullable Exception failure;

    Sent(JournalEvent event) {
      this.event = event;
    }
  }

  /** Publishing has to begin again from what was acknowledged. */
  private static final class Restart extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Restart(Throwable cause) {
      super(cause);
    }
  }

  private final Journal journal;
  private final EventCodec codec;
  private final Supplier<? extends Producer<String, SpecificRecord>> producers;
  private final Partitions partitions;
  private final boolean encoded;
  private final int maxInFlight;
  private final InstantSource clock;
  private final Thread thread;

  private final JournalReader reader;
  private final ArrayDeque<Sent> inFlight = new ArrayDeque<>();
  private final NavigableSet<Position> unsendableAhead = new TreeSet<>();
  private @Nullable JournalEvent pending;
  private final Pace pace = new Pace();

  private volatile boolean sleeping;
  private volatile boolean closing;
  private volatile long deadlineNanos;
  private final AtomicLong published = new AtomicLong();
  private final AtomicLong unsendable = new AtomicLong();
  private final AtomicLong restarts = new AtomicLong();
  private volatile long oldestAppendedAt;
  private volatile @Nullable String lastError;

  /**
   * @param producers makes an idempotent producer with acks=all and one request in flight
   * @param partitions the count that units are spread over
   * @param encoded whether the producer's serializer takes records that are encoded already
   * @param maxInFlight bound of the events in memory
   */
  Publisher(
      Journal journal,
      EventCodec codec,
      Supplier<? extends Producer<String, SpecificRecord>> producers,
      Partitions partitions,
      boolean encoded,
      int maxInFlight,
      InstantSource clock) {
    if (maxInFlight < 1) {
      throw new IllegalArgumentException(
          "publisher.maxInFlight is " + maxInFlight + ": must be at least 1");
    }
    this.journal = journal;
    this.codec = codec;
    this.producers = producers;
    this.partitions = partitions;
    this.encoded = encoded;
    this.maxInFlight = maxInFlight;
    this.clock = clock;
    this.reader = journal.reader();
    this.thread = Thread.ofPlatform().daemon().name("journal-publisher").unstarted(this::run);
  }

  void start() {
    journal.onAppend(this::wake);
    thread.start();
  }

  public PublisherStatus status() {
    long oldest = oldestAppendedAt;
    return new PublisherStatus(
        published.get(),
        unsendable.get(),
        restarts.get(),
        oldest == 0 ? 0 : Math.max(0, clock.millis() - oldest),
        lastError);
  }

  /**
   * Publishes what is there for as long as {@code drain}, then stops. What is left stays in the
   * journal.
   */
  void close(Duration drain) {
    deadlineNanos = System.nanoTime() + drain.toNanos();
    closing = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    try {
      if (!thread.join(drain.plusMillis(500))) {
        thread.interrupt(); // It waits for a broker or a registry.
        thread.join(Duration.ofSeconds(5));
      }
    } catch (InterruptedException e) {
      interrupted = true;
      thread.interrupt();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    close(Duration.ofSeconds(5));
  }

  private void wake() {
    if (sleeping) {
      sleeping = false;
      LockSupport.unpark(thread);
    }
  }

  private boolean stopped() {
    return closing
        && (Thread.currentThread().isInterrupted() || System.nanoTime() - deadlineNanos >= 0);
  }

  private void run() {
    while (!stopped()) {
      try (Producer<String, SpecificRecord> producer = producers.get()) {
        publish(producer);
        return;
      } catch (RuntimeException e) {
        restart(
            e instanceof Restart restart && restart.getCause() != null ? restart.getCause() : e);
      }
    }
  }

  private void publish(Producer<String, SpecificRecord> producer) {
    boolean clean = false;
    boolean checked = false;
    try {
      while (!stopped()) {
        acknowledge();
        if (inFlight.size() >= maxInFlight) {
          pace.untilRoom(this);
          continue;
        }
        JournalEvent event = next();
        if (event == null) {
          if (closing && inFlight.isEmpty()) {
            clean = true;
            return;
          }
          idle(producer);
        } else {
          if (!checked) {
            Sending.checkPartitions(producer, partitions);
            checked = true;
          }
          if (send(producer, event)) {
            pending = null;
          }
        }
      }
    } finally {
      if (!clean) {
        producer.close(
            Duration.ZERO); // Nothing of this attempt may reach Kafka after the next has begun.
      }
    }
  }

  private @Nullable JournalEvent next() {
    if (pending == null) {
      pending = reader.next();
    }
    JournalEvent event = pending;
    Sent first = inFlight.peek();
    oldestAppendedAt =
        first != null ? first.event.appendedAt() : event != null ? event.appendedAt() : 0;
    return event;
  }

  /**
   * @return false where it was not accepted and is to be tried again
   */
  private boolean send(Producer<String, SpecificRecord> producer, JournalEvent event) {
    pace.sending();
    Sent sent = new Sent(event);
    ProducerRecord<String, SpecificRecord> record;
    try {
      record = record(event);
    } catch (RuntimeException e) {
      sent.failure = e;
      skip(sent, e);
      inFlight.add(sent);
      return true;
    }
    Future<?> future;
    try {
      future = producer.send(record, (_, failure) -> completed(sent, failure));
    } catch (KafkaException e) {
      if (!Sending.hopeless(e)) {
        throw new Restart(e);
      }
      completed(sent, e);
      inFlight.add(sent);
      return true;
    }
    if (future.isDone() && sent.failure instanceof TimeoutException e) {
      failing(e); // The topic is not known, or the producer's buffer stayed full.
      pause();
      return false;
    }
    inFlight.add(sent);
    return true;
  }

  /**
   * The partition is that of the unit now: the journal may hold events that were numbered under
   * another count of partitions. Their ids keep the number that they were given.
   */
  private ProducerRecord<String, SpecificRecord> record(JournalEvent event) {
    RecordKind kind = RecordKind.of(event.payload().kind());
    EventCodec.Ready ready = encoded ? codec.ready(event) : null;
    if (ready != null) {
      return new ProducerRecord<>(
          kind.topic.name(), partitions.ofUnit(ready.unit()), ready.unit(), ready.record());
    }
    SpecificRecord value = codec.decode(event);
    String unit = kind.unit(value);
    return new ProducerRecord<>(kind.topic.name(), partitions.ofUnit(unit), unit, value);
  }

  /** Called on the producer's own thread. */
  private void completed(Sent sent, @Nullable Exception failure) {
    if (failure == null) {
      sent.acknowledged = true;
    } else {
      sent.failure = failure;
    }
  }

  /** Takes what Kafka acknowledged off the head of the queue. */
  private void acknowledge() {
    Position upTo = null;
    long events = 0;
    long bytes = 0;
    long acknowledged = 0;
    Exception stuck = null; // Noted when it is judged: the next may fail while this is under way.
    Sent head = inFlight.peek();
    while (head != null) {
      Exception failure = head.failure;
      if (failure != null && !unsendableAhead.contains(head.event.at())) {
        if (!Sending.hopeless(failure)) {
          stuck = failure;
          break;
        }
        skip(head, failure);
      } else if (failure == null && !head.acknowledged) {
        break;
      }
      acknowledged += head.acknowledged ? 1 : 0;
      upTo = head.event.next();
      events++;
      bytes += head.event.size();
      inFlight.remove();
      head = inFlight.peek();
    }
    if (upTo != null) {
      journal.acknowledge(upTo, events, bytes);
      unsendableAhead.headSet(upTo).clear();
      published.addAndGet(acknowledged);
      if (acknowledged > 0) {
        succeeding();
      }
    }
    if (stuck != null) {
      throw new Restart(stuck);
    }
  }

  private void skip(Sent sent, Exception why) {
    sent.failure = why;
    if (unsendableAhead.add(sent.event.at())) {
      unsendable.incrementAndGet();
      LOG.atError()
          .addKeyValue("event", "event-unsendable")
          .addKeyValue("kind", sent.event.payload().kind())
          .addKeyValue("partition", sent.event.payload().partition())
          .addKeyValue("sequence", sent.event.sequence())
          .addKeyValue("bytes", sent.event.payload().length())
          .addKeyValue("error", why.toString())
          .log("an event can never be sent and is skipped");
    }
  }

  private void idle(Producer<String, SpecificRecord> producer) {
    if (closing) {
      producer.flush();
    } else if (!inFlight.isEmpty() || pace.looksAgain()) {
      pace.untilNextLook(this);
    } else {
      sleeping = true;
      pending = reader.next(); // An append between the last look and this line wakes nobody.
      if (pending == null) {
        LockSupport.parkNanos(this, SLEEP_NANOS);
      }
      sleeping = false;
    }
  }

  private void restart(Throwable cause) {
    failing(cause);
    restarts.incrementAndGet();
    inFlight.clear();
    pending = null;
    reader.seek(journal.acknowledged());
    pause();
  }

  private void failing(Throwable cause) {
    if (lastError == null) {
      LOG.atWarn()
          .addKeyValue("event", "publishing-fails")
          .addKeyValue("error", cause.toString())
          .log("events wait in the journal until Kafka takes them");
    }
    lastError = cause.toString();
  }

  private void succeeding() {
    if (lastError != null) {
      LOG.atInfo().addKeyValue("event", "publishing-works").log("Kafka takes events again");
      lastError = null;
    }
    pace.succeeded();
  }

  private void pause() {
    pace.backOff(this);
  }
}
