package io.serin.router.kafka;

import io.serin.router.journal.JournalStatus;
import io.serin.schemas.MovedConversations;
import io.serin.schemas.RefusedPart;
import io.serin.schemas.RouterAck;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells on serin.acks, each second and at once after an adoption, that this router lives and what
 * it serves. Best effort: a heartbeat that Kafka does not take within a few seconds is worth
 * nothing any more.
 */
public final class AckReporter implements AutoCloseable {

  /**
   * What this router serves otherwise than its commands say.
   *
   * @param trips variants that this router tripped, "rollout/variant"
   * @param lapsed rollouts back on control since their lease ended
   * @param forced rollouts that a person forced to control on this router
   * @param refused parts of the adopted commands that cannot be served here
   * @param moved what became of open conversations of variants that were taken out
   */
  public record TakenOut(
      List<String> trips,
      List<String> lapsed,
      List<String> forced,
      List<RefusedPart> refused,
      List<MovedConversations> moved) {}

  /**
   * What a heartbeat says, asked for on the reporter's thread.
   *
   * @param url where the router listens
   * @param revisions the highest revision of each rollout that every event loop adopted
   * @param takenOut what is served otherwise
   * @param journal the journal in figures
   * @param inFlight attempts under way
   */
  public record Source(
      Supplier<String> url,
      Supplier<Map<String, Long>> revisions,
      Supplier<TakenOut> takenOut,
      Supplier<JournalStatus> journal,
      IntSupplier inFlight) {}

  private static final Logger LOG = LoggerFactory.getLogger(AckReporter.class);
  private static final long PERIOD_MILLIS = 1_000;

  private final Supplier<? extends Producer<String, RouterAck>> producers;
  private final String router;
  private final String incarnation;
  private final Source source;
  private final InstantSource clock;
  private final Semaphore wanted = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean failing;

  /** Of the last heartbeat; −1 before the first, since the count outlives the process. */
  private long droppedBefore = -1;

  /**
   * @param router the router's name, one for each process: the record's key
   */
  public AckReporter(KafkaConnection kafka, String router, Source source, InstantSource clock) {
    this(
        () -> kafka.producer(producerConfig(router)),
        router,
        UUID.randomUUID().toString(),
        source,
        clock);
  }

  AckReporter(
      Supplier<? extends Producer<String, RouterAck>> producers,
      String router,
      String incarnation,
      Source source,
      InstantSource clock) {
    this.producers = producers;
    this.router = router;
    this.incarnation = incarnation;
    this.source = source;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("ack-reporter").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** Sends a heartbeat at once. Any thread; never blocks. */
  public void reportNow() {
    wanted.release();
  }

  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(3));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closing) {
      Producer<String, RouterAck> producer = null;
      try {
        producer = producers.get();
        while (!closing) {
          report(producer);
          if (wanted.tryAcquire(PERIOD_MILLIS, TimeUnit.MILLISECONDS)) {
            wanted.drainPermits();
          }
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        failed(e);
        if (!pause()) {
          return;
        }
      } finally {
        if (producer != null) {
          producer.close(Duration.ZERO);
        }
      }
    }
  }

  private void report(Producer<String, RouterAck> producer) {
    var unused =
        producer.send(
            new ProducerRecord<>(Topics.ACKS.name(), router, ack()),
            (_, failure) -> {
              if (failure == null) {
                failing = false;
              } else {
                failed(failure);
              }
            });
  }

  private RouterAck ack() {
    JournalStatus journal = source.journal().get();
    alarm(journal);
    RouterAck ack = new RouterAck();
    ack.setRouter(router);
    ack.setIncarnation(incarnation);
    ack.setAt(clock.instant());
    ack.setUrl(source.url().get());
    ack.setRevisions(source.revisions().get());
    TakenOut takenOut = source.takenOut().get();
    ack.setTrips(takenOut.trips());
    ack.setLapsed(takenOut.lapsed());
    ack.setForced(takenOut.forced());
    ack.setRefused(takenOut.refused());
    ack.setMoved(takenOut.moved());
    ack.setBacklog(journal.backlog());
    ack.setBacklogBytes(journal.backlogBytes());
    ack.setDropped(journal.dropped());
    ack.setInFlight(source.inFlight().getAsInt());
    return ack;
  }

  /** Evidence is being lost, which no one else says aloud: each second in which it happens. */
  private void alarm(JournalStatus journal) {
    long before = droppedBefore;
    droppedBefore = journal.dropped();
    if (before >= 0 && journal.dropped() > before) {
      LOG.atError()
          .addKeyValue("event", "events-dropped")
          .addKeyValue("dropped", journal.dropped() - before)
          .addKeyValue("droppedInAll", journal.dropped())
          .addKeyValue("backlog", journal.backlog())
          .addKeyValue("backlogBytes", journal.backlogBytes())
          .log("the journal or its disk is full: events are lost, verdicts are made without them");
    }
  }

  private void failed(Exception why) {
    if (!failing
        && !closing
        && !(why instanceof KafkaException && Thread.currentThread().isInterrupted())) {
      failing = true;
      LOG.atWarn()
          .addKeyValue("event", "acks-fail")
          .addKeyValue("error", why.toString())
          .log("the controller does not hear from this router");
    }
  }

  private static boolean pause() {
    try {
      Thread.sleep(PERIOD_MILLIS);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static Map<String, Object> producerConfig(String router) {
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.CLIENT_ID_CONFIG, "serin-router-" + router + "-acks");
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1); // As for events.
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 3_000);
    config.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    return config;
  }
}
