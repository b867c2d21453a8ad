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
import io.serin.schemas.tail.ReaderState;
import io.serin.schemas.tail.ReaderThread;
import io.serin.schemas.tail.RecordReader;
import io.serin.schemas.topics.Topics;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Sends serin.events to the webhooks that rollout files name, at least once: an offset is committed
 * when all before it was delivered or given up. Instances share the work by the group; a rollout's
 * events reach a webhook in order. Reads in a thread of its own and never holds up a decision.
 *
 * <p>Events older than a day when they are read are left out: nobody wants to be called for them.
 */
public final class Notifier implements AutoCloseable {
  private static final String GROUP = "serin-notify";
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration OLD = Duration.ofDays(1);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final int MOST_PENDING = 1_000;

  private final KafkaConnection connection;
  private final MeterRegistry meters;
  private final InstantSource clock;
  private final ReceiverQueue.Patience patience;
  private final Function<String, @Nullable String> environment;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(Duration.ofSeconds(5))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final Map<String, ReceiverQueue> receivers = new HashMap<>();
  private final Map<String, List<Webhook>> byRollout = new HashMap<>();
  private final Ledger ledger = new Ledger();
  private Map<TopicPartition, OffsetAndMetadata> committed = Map.of();
  private final ReaderThread thread;

  /** Of this process's environment, with the patience that ships. */
  public Notifier(KafkaConnection connection, MeterRegistry meters) {
    this(
        connection, meters, InstantSource.system(), ReceiverQueue.Patience.DEFAULT, System::getenv);
  }

  Notifier(
      KafkaConnection connection,
      MeterRegistry meters,
      InstantSource clock,
      ReceiverQueue.Patience patience,
      Function<String, @Nullable String> environment) {
    this.connection = connection;
    this.meters = meters;
    this.clock = clock;
    this.patience = patience;
    this.environment = environment;
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
      events.resume(events.paused());
      if (ledger.pending() >= MOST_PENDING) {
        events.pause(events.assignment());
      }
      for (ConsumerRecord<String, SpecificRecord> record : reader.poll(events, POLL)) {
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
          }
        });
  }

  /** Receivers that no file names any more are forgotten once nothing waits for them. */
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
      ledger.begin(partition, offset, 0);
      return;
    }
    String kind = Webhook.name(event.getKind());
    List<Webhook> told =
        byRollout.getOrDefault(event.getRollout(), List.of()).stream()
            .filter(webhook -> webhook.events().contains(kind))
            .toList();
    ledger.begin(partition, offset, told.size());
    if (told.isEmpty()) {
      return;
    }
    Notice notice = Notice.of(partition + "-" + offset, event);
    for (Webhook webhook : told) {
      receivers
          .computeIfAbsent(
              webhook.url(),
              url ->
                  new ReceiverQueue(
                      http, patience, clock, environment, Integer.toString(receivers.size())))
          .send(
              webhook,
              notice,
              result -> {
                meters
                    .counter(
                        "serin.notifications", "result", result.name().toLowerCase(Locale.ROOT))
                    .increment();
                ledger.end(partition, offset);
              });
    }
  }

  private void commit(Consumer<String, SpecificRecord> events) {
    Map<TopicPartition, OffsetAndMetadata> finished =
        ledger.finished().entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, entry -> new OffsetAndMetadata(entry.getValue())));
    if (!finished.isEmpty() && !finished.equals(committed)) {
      events.commitSync(finished);
      committed = finished;
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
      partitions.forEach(ledger::forget);
      committed = Map.of();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      // Each begins at its committed offset.
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
