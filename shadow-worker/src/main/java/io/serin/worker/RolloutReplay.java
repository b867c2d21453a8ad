package io.serin.worker;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.WorkerStatus;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
import io.serin.worker.Hindrances.Hindrance;
import io.serin.worker.ReplayPlan.Scope;
import io.serin.worker.budget.Backoff;
import io.serin.worker.budget.Spend;
import io.serin.worker.budget.Spending;
import io.serin.worker.budget.Totals;
import io.serin.worker.call.ModelCaller;
import io.serin.worker.commands.CommandTable;
import io.serin.worker.position.PendingBounds;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane at work: its loop on a thread of its own, begun anew from the last commit whenever Kafka
 * fails, for as long as the lane lives. Thread-safe.
 */
final class RolloutReplay implements AutoCloseable, PayloadLoop.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(RolloutReplay.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  /**
   * What a lane runs with.
   *
   * @param worker its name
   */
  record Settings(String worker, PendingBounds bounds, int attempts) {}

  private final LaneId id;
  private final Scope scope;
  private final KafkaConnection connection;
  private final Settings settings;
  private final CommandTable commands;
  private final WorkerMetrics metrics;
  private final InstantSource clock;
  private final Consumer<String> fatal;
  private final Spending spending = new Spending();
  private final Replayer replayer;
  private final Thread thread;
  private volatile boolean running = true;
  private volatile boolean reading;
  private volatile boolean failing;
  private volatile double share = 1;
  private volatile Set<Integer> partitions = Set.of();
  private volatile int allPartitions;
  private volatile long turnedAt = System.nanoTime();
  private volatile long lag;
  private volatile int pending;
  private volatile boolean atEnd;
  private volatile long atEndSince;

  /**
   * @param fatal told what makes it senseless to go on: the worker's name is another's
   */
  RolloutReplay(
      LaneId id,
      Scope scope,
      KafkaConnection connection,
      Settings settings,
      ModelCaller caller,
      CommandTable commands,
      WorkerMetrics metrics,
      InstantSource clock,
      Consumer<String> fatal) {
    this.id = id;
    this.scope = scope;
    this.connection = connection;
    this.settings = settings;
    this.commands = commands;
    this.metrics = metrics;
    this.clock = clock;
    this.fatal = fatal;
    this.replayer =
        new Replayer(
            id,
            scope,
            caller,
            commands,
            new Replayer.Settings(
                settings.worker(),
                settings.attempts(),
                new Backoff(Duration.ofMillis(250), Duration.ofSeconds(10)),
                Duration.ofSeconds(30)),
            () -> share,
            spending,
            metrics,
            clock);
    this.thread = Thread.ofPlatform().name("serin-lane-" + id.rollout()).unstarted(this::work);
  }

  void start() {
    thread.start();
  }

  LaneId id() {
    return id;
  }

  /** Whether captured requests are being read. */
  boolean reading() {
    return reading;
  }

  /** Whether it stands still though Kafka answered before. */
  boolean stalled(Duration bound) {
    return reading && System.nanoTime() - turnedAt > bound.toNanos();
  }

  /** Whether nothing has been left to do for some time. */
  boolean drained(Duration time) {
    return reading && atEnd && System.nanoTime() - atEndSince > time.toNanos();
  }

  /** Whether a budget must be held over several workers. */
  boolean sharesABudget() {
    Command command = commands.get(id.rollout());
    ShadowPlan plan = command == null ? null : ReplayPlan.plan(command, scope);
    return plan != null && plan.getBudget() != null && partitions.size() < allPartitions;
  }

  /** The partitions read now. */
  Set<Integer> partitions() {
    return partitions;
  }

  /** What the partitions of other workers came to. */
  void others(Totals totals) {
    spending.others(totals);
  }

  /** How it stands. */
  WorkerStatus status(Instant at) {
    Hindrance state =
        !running
            ? new Hindrance("stopped", null)
            : failing
                ? new Hindrance("kafka-away", "Kafka does not answer; its log says more")
                : reading ? replayer.hindrance(pending > 0) : new Hindrance("starting", null);
    Totals own = spending.own();
    Totals all = spending.all();
    return WorkerStatus.newBuilder()
        .setWorker(settings.worker())
        .setRollout(id.rollout())
        .setBackfill(id.backfill())
        .setRun(own.run())
        .setAt(at)
        .setState(state.state())
        .setCause(state.cause())
        .setPartitions(partitions.size())
        .setLag(lag)
        .setPending(pending)
        .setInFlight(replayer.inFlight())
        .setPlaces(replayer.places())
        .setOutcomes(own.outcomes())
        .setSkipped(own.skipped())
        .setCalls(own.used().calls())
        .setPromptTokens(own.used().promptTokens())
        .setCompletionTokens(own.used().completionTokens())
        .setCost(own.used().cost())
        .setCallsOfAll(all.used().calls())
        .setTokensOfAll(all.used().tokens())
        .setCostOfAll(all.used().cost())
        .build();
  }

  /** What the partitions read now came to. */
  Totals totals() {
    return spending.own();
  }

  /** Publishes what is finished, and stops; what is not is done by the next worker. */
  @Override
  public void close() {
    running = false;
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    metrics.lag(0);
    metrics.pending(0);
  }

  @Override
  public void owns(Set<Integer> now, int all) {
    if (!running) {
      return; // its partitions go as it stops: what it did with them stays told
    }
    partitions = Set.copyOf(now);
    allPartitions = all;
    share = now.isEmpty() || all == 0 ? 1 : (double) now.size() / all;
    atEnd = false;
  }

  @Override
  public void turned(long nowLag, int nowPending, boolean nowAtEnd) {
    lag = nowLag;
    pending = nowPending;
    if (nowAtEnd && !atEnd) {
      atEndSince = System.nanoTime();
    }
    atEnd = nowAtEnd;
    failing = false;
  }

  @Override
  public void committed(Totals own, Spend more) {
    if (!running && own.run().isEmpty()) {
      return; // its partitions went as it stopped
    }
    spending.committed(own, more);
  }

  @Override
  public void dropped(Spend used) {
    spending.dropped(used);
  }

  private void work() {
    try {
      while (running) {
        turn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void turn() throws InterruptedException {
    try (org.apache.kafka.clients.consumer.Consumer<String, CapturedPayload> consumer =
            connection.consumer(consumerSettings());
        Producer<String, SpecificRecord> producer = connection.producer(producerSettings())) {
      new PayloadLoop(
              consumer,
              producer,
              new PayloadLoop.Names(
                  Topics.PAYLOADS.name(),
                  Topics.SHADOW_RESULTS.name(),
                  Topics.SHADOW_EXAMPLES.name(),
                  Topics.DEAD_LETTERS.name()),
              settings.bounds(),
              id,
              settings.worker(),
              replayer::replay,
              metrics,
              clock,
              this)
          .run(this::goOn);
    } catch (ProducerFencedException e) {
      running = false;
      fatal.accept(
          "name is \""
              + settings.worker()
              + "\": another worker has started under it; it must be unique");
    } catch (RuntimeException e) {
      metrics.restarted();
      failing = true;
      LOG.atWarn()
          .addKeyValue("event", "kafka.unavailable")
          .addKeyValue("rollout", id.rollout())
          .addKeyValue("cause", e.toString())
          .log("replaying resumes from the last commit");
      Thread.sleep(PAUSE_AFTER_FAILURE);
    } finally {
      reading = false;
    }
  }

  private boolean goOn() {
    reading = !partitions.isEmpty() || reading;
    turnedAt = System.nanoTime();
    return running;
  }

  private Map<String, Object> consumerSettings() {
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.GROUP_ID_CONFIG, id.group());
    config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, settings.worker());
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, id.group() + "-" + settings.worker());
    config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_500);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 50);
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
    return config;
  }

  private Map<String, Object> producerSettings() {
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id.group() + "-" + settings.worker());
    config.put(ProducerConfig.CLIENT_ID_CONFIG, id.group() + "-" + settings.worker());
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
    return config;
  }
}
