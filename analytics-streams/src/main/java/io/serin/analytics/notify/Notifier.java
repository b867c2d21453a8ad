package io.serin.analytics.notify;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.rollout.Webhook;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.WantedRollout;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.secret.SecretReader;
import io.serin.schemas.tail.ReaderState;
import io.serin.schemas.tail.ReaderThread;
import io.serin.schemas.tail.RecordReader;
import io.serin.schemas.topics.Topics;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Sends serin.events to the webhooks that rollout files name, at least once. How far each receiver
 * is, is committed before it is sent the next notice ({@link Ledger}): after a crash only what was
 * being sent at that moment is sent again. Instances share the work by the group; a rollout's
 * events reach a webhook in order. Reads in a thread of its own and never delays a decision.
 *
 * <p>Events older than a day when they are read are skipped: nobody wants to be called for them.
 */
public final class Notifier implements AutoCloseable {
  private static final String GROUP = "serin-notify";
  private static final Duration POLL = Duration.ofMillis(200);

  /** While notices are being sent: each end is committed this soon. */
  private static final Duration BUSY_POLL = Duration.ofMillis(20);

  /** A receiver waits no longer than this for a commit that Kafka does not take. */
  private static final Duration MOST_COMMIT = Duration.ofSeconds(2);

  private static final Duration OLD = Duration.ofDays(1);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final KafkaConnection connection;
  private final MeterRegistry meters;
  private final InstantSource clock;
  private final ReceiverQueue.Patience patience;
  private final SecretReader secrets;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(Duration.ofSeconds(5))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final Map<String, ReceiverQueue> receivers = new HashMap<>();
  private final Map<String, List<Webhook>> byRollout = new HashMap<>();
  private final Ledger ledger = new Ledger();
  private final ReaderThread thread;

  /** Of this process's environment, with the patience that ships. */
  public Notifier(KafkaConnection connection, MeterRegistry meters) {
    this(
        connection,
        meters,
        InstantSource.system(),
        ReceiverQueue.Patience.DEFAULT,
        SecretReader.ofProcess());
  }

  Notifier(
      KafkaConnection connection,
      MeterRegistry meters,
      InstantSource clock,
      ReceiverQueue.Patience patience,
      SecretReader secrets) {
    this.connection = connection;
    this.meters = meters;
    this.clock = clock;
    this.patience = patience;
    this.secrets = secrets;
    this.thread = new ReaderThread("serin-notify", PAUSE_AFTER_FAILURE, this::run);
    Gauge.builder("serin.notifications.pending", ledger, Ledger::pending)
        .description("Notifications read but neither delivered nor given up")
        .register(meters);
  }

  /** Begins; the topics must exist. */
  public void start() {
    thread.start();
  }

  private void run(ReaderThread running, RecordReader reader) {
    try (Consumer<String, SpecificRecord> files = connection.consumer(Map.of());
        Consumer<String, SpecificRecord> events =
            connection.consumer(Map.of(ConsumerConfig.GROUP_ID_CONFIG, GROUP))) {
      running.reading();
      follow(running, reader, files, events);
    }
  }

  private void follow(
      ReaderThread running,
      RecordReader reader,
      Consumer<String, SpecificRecord> files,
      Consumer<String, SpecificRecord> events) {
    List<TopicPartition> partitions =
        RecordReader.partitions(files, List.of(Topics.ROLLOUTS.name()));
    files.assign(partitions);
    files.seekToBeginning(partitions);
    events.subscribe(List.of(Topics.EVENTS.name()), new Assigned(events));
    while (!running.closing()) {
      Duration wait = ledger.pending() > 0 ? BUSY_POLL : POLL;
      for (ConsumerRecord<String, SpecificRecord> record : reader.poll(events, wait)) {
        // A file is on its topic before anything is told of its run.
        read(reader, files, partitions);
        notify(record);
        closeUnused();
      }
      commit(events);
    }
    commit(events);
  }

  /** Reads every file that was there when this was called. */
  private void read(
      RecordReader reader,
      Consumer<String, SpecificRecord> files,
      List<TopicPartition> partitions) {
    reader.readTo(
        files,
        files.endOffsets(partitions),
        record -> {
          if (record.value() instanceof WantedRollout wanted) {
            byRollout.put(record.key(), webhooks(wanted));
          } else if (record.value() == null) {
            byRollout.remove(record.key()); // Deleted.
          }
        });
  }

  /** Forgets receivers that no file names any more, once nothing waits for them. */
  private void closeUnused() {
    Set<String> named =
        byRollout.values().stream()
            .flatMap(List::stream)
            .map(Webhook::url)
            .collect(Collectors.toSet());
    receivers
        .entrySet()
        .removeIf(
            receiver -> {
              boolean unused = !named.contains(receiver.getKey()) && receiver.getValue().idle();
              if (unused) {
                receiver.getValue().close();
              }
              return unused;
            });
  }

  private static List<Webhook> webhooks(WantedRollout wanted) {
    try {
      return RolloutFileReader.read(wanted.getFile()).webhooks();
    } catch (RolloutFileException e) {
      return List.of(); // An older Serin's: the controller says so.
    }
  }

  private void notify(ConsumerRecord<String, SpecificRecord> record) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    long offset = record.offset();
    if (!(record.value() instanceof RolloutEvent event)
        || event.getKind() == EventKind.UNKNOWN
        || event.getAt().isBefore(clock.instant().minus(OLD))) {
      ledger.begin(partition, offset, List.of());
      return;
    }
    String kind = Webhook.name(event.getKind());
    List<Webhook> told =
        byRollout.getOrDefault(event.getRollout(), List.of()).stream()
            .filter(webhook -> webhook.events().contains(kind))
            .filter(webhook -> !ledger.had(partition, offset, receiver(webhook)))
            .toList();
    ledger.begin(partition, offset, told.stream().map(Notifier::receiver).toList());
    if (told.isEmpty()) {
      return;
    }
    Notice notice = Notice.of(partition + "-" + offset, event);
    for (Webhook webhook : told) {
      receivers
          .computeIfAbsent(
              webhook.url(),
              url -> new ReceiverQueue(http, patience, clock, secrets, receiver(webhook)))
          .send(webhook, notice, done(partition, offset, receiver(webhook)));
    }
  }

  /** A name for a receiver that does not reveal its URL, which is often a secret. */
  private static String receiver(Webhook webhook) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(webhook.url().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private ReceiverQueue.Done done(TopicPartition partition, long offset, String receiver) {
    return new ReceiverQueue.Done() {
      @Override
      public void ended(ReceiverQueue.Result result) {
        meters
            .counter("serin.notifications", "result", result.name().toLowerCase(Locale.ROOT))
            .increment();
        ledger.end(partition, offset, receiver);
      }

      @Override
      public void awaitDurable() throws InterruptedException {
        ledger.awaitCommitted(partition, offset, receiver, MOST_COMMIT);
      }
    };
  }

  private void commit(Consumer<String, SpecificRecord> events) {
    Map<TopicPartition, OffsetAndMetadata> finished = ledger.finished();
    if (!finished.isEmpty()) {
      events.commitSync(finished);
      ledger.committed(finished);
    }
  }

  /** Commits what is finished before a partition goes to another instance. */
  private final class Assigned implements ConsumerRebalanceListener {
    private final Consumer<String, SpecificRecord> events;

    Assigned(Consumer<String, SpecificRecord> events) {
      this.events = events;
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      commit(events);
      onPartitionsLost(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      for (TopicPartition partition : partitions) {
        ledger.forget(partition);
        receivers
            .values()
            .forEach(lane -> lane.drop(notice -> notice.id().startsWith(partition + "-")));
      }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      Map<TopicPartition, OffsetAndMetadata> committed = events.committed(Set.copyOf(partitions));
      partitions.forEach(partition -> ledger.resume(partition, committed.get(partition)));
    }
  }

  /** What the reading thread is doing. */
  public ReaderState state() {
    return thread.state();
  }

  @Override
  public void close() {
    thread.close();
    receivers.values().forEach(ReceiverQueue::close);
    http.close();
  }
}
