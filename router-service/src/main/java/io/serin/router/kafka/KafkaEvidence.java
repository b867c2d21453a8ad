package io.serin.router.kafka;

import io.serin.router.journal.Journal;
import io.serin.router.journal.JournalStatus;
import io.serin.router.journal.Payload;
import io.serin.router.journal.Recovered;
import io.serin.router.ports.Evidence;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Partitions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Evidence by way of the journal: an event is in mapped memory when a call returns, and in Kafka as
 * soon as Kafka takes it. Needs neither broker nor registry to start or to go on. Thread-safe;
 * never throws once it is open.
 */
public final class KafkaEvidence implements Evidence, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(KafkaEvidence.class);

  private final EvidenceSettings settings;
  private final Partitions partitions;
  private final EventCodec codec;
  private final Journal journal;
  private final Publisher publisher;
  private final PayloadPublisher payloads;
  private final AtomicBoolean complained = new AtomicBoolean();

  private KafkaEvidence(
      EvidenceSettings settings,
      Partitions partitions,
      EventCodec codec,
      Journal journal,
      Publisher publisher,
      PayloadPublisher payloads) {
    this.settings = settings;
    this.partitions = partitions;
    this.codec = codec;
    this.journal = journal;
    this.publisher = publisher;
    this.payloads = payloads;
  }

  /**
   * Opens the journal, turns what was under way when it was last open into events, and starts to
   * publish.
   *
   * @param router the router's name, for the clients' ids
   * @throws IOException if the journal's directory cannot be used, or another process uses it
   */
  public static KafkaEvidence open(
      KafkaConnection kafka, EvidenceSettings settings, String router, InstantSource clock)
      throws IOException {
    EventCodec codec = new EventCodec(settings.journal().directory().resolve("schemas"), clock);
    Journal journal = Journal.open(settings.journal(), codec, clock);
    report(journal);
    Publisher publisher =
        new Publisher(
            journal,
            codec,
            () -> kafka.producer(eventProducer(router)),
            kafka.partitions(),
            kafka.writesEncodedRecords(),
            settings.maxInFlight(),
            clock);
    PayloadPublisher payloads =
        new PayloadPublisher(
            () -> kafka.producer(payloadProducer(router, settings)),
            kafka.partitions(),
            settings.maxPayloadBytes(),
            settings.maxQueuedPayloads(),
            settings.maxQueuedPayloadBytes());
    KafkaEvidence evidence =
        new KafkaEvidence(settings, kafka.partitions(), codec, journal, publisher, payloads);
    publisher.start();
    payloads.start();
    return evidence;
  }

  @Override
  public long begin(RequestEvent ifRouterDies) {
    return journal.begin(encoded(ifRouterDies));
  }

  @Override
  public void attempt(long ticket, RequestEvent event) {
    journal.attempt(ticket, encoded(event));
  }

  @Override
  public void end(long ticket, RequestEvent last) {
    journal.end(ticket, encoded(last));
  }

  @Override
  public void progress(ProgressEvent event) {
    if (!halfFull()) {
      journal.append(encoded(() -> codec.encode(event, partitions.ofUnit(event.getUnit()))));
    }
  }

  @Override
  public boolean feedback(FeedbackEvent event) {
    return !halfFull()
        && journal.append(encoded(() -> codec.encode(event, partitions.ofUnit(event.getUnit()))));
  }

  /** The other half is for requests, whatever clients send and however many wait. */
  private boolean halfFull() {
    return journal.status().backlogBytes() > settings.journal().maxBytes() / 2;
  }

  @Override
  public void payload(CapturedPayload payload) {
    payloads.offer(payload);
  }

  public JournalStatus journal() {
    return journal.status();
  }

  public PublisherStatus publisher() {
    return publisher.status();
  }

  /** Captured payloads that were too large, too many, or that Kafka refused. */
  public long payloadsDropped() {
    return payloads.dropped();
  }

  public long payloadsPublished() {
    return payloads.published();
  }

  /** What was found when the journal was opened. */
  public Recovered recovered() {
    return journal.recovered();
  }

  /**
   * Publishes what is there for a bounded time. What Kafka did not take by then stays in the
   * journal.
   */
  @Override
  public void close() {
    payloads.close();
    publisher.close(settings.drain());
    try {
      journal.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the journal cannot be closed", e);
    }
  }

  private Payload encoded(RequestEvent event) {
    return encoded(() -> codec.encode(event, partitions.ofUnit(event.getUnit())));
  }

  private Payload encoded(Supplier<Payload> encoding) {
    try {
      return encoding.get();
    } catch (RuntimeException e) {
      return unreadable(e);
    }
  }

  /**
   * The journal drops it and counts it; the first is logged, since it is a mistake of the
   * program's.
   */
  private Payload unreadable(RuntimeException why) {
    if (complained.compareAndSet(false, true)) {
      LOG.atError()
          .addKeyValue("event", "event-invalid")
          .addKeyValue("error", why.toString())
          .log("an event could not be encoded and is dropped; further ones are only counted");
    }
    return Payload.unreadable();
  }

  private static void report(Journal journal) {
    Recovered recovered = journal.recovered();
    recovered
        .notes()
        .forEach(
            note ->
                LOG.atWarn()
                    .addKeyValue("event", "journal-damaged")
                    .addKeyValue("note", note)
                    .log("journal repaired"));
    LOG.atInfo()
        .addKeyValue("event", "journal-opened")
        .addKeyValue("incarnation", EventCodec.name(journal.incarnation()))
        .addKeyValue("backlog", recovered.backlog())
        .addKeyValue("died", recovered.died())
        .log("journal opened");
  }

  /**
   * One request at a time: a partition without producer state, such as one just created, takes
   * whichever of two pipelined batches comes first, and refuses the other for ever as out of order.
   * What is not delivered in time is sent again by a new producer, since no producer can be trusted
   * to get unstuck by itself.
   */
  static Map<String, Object> eventProducer(String router) {
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.CLIENT_ID_CONFIG, "serin-router-" + router + "-events");
    config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
    config.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
    return config;
  }

  private static Map<String, Object> payloadProducer(String router, EvidenceSettings settings) {
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.CLIENT_ID_CONFIG, "serin-router-" + router + "-payloads");
    config.put(ProducerConfig.LINGER_MS_CONFIG, 20);
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, settings.maxQueuedPayloadBytes());
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 2 * settings.maxPayloadBytes() + (64 << 10));
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
    config.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
    return config;
  }
}
