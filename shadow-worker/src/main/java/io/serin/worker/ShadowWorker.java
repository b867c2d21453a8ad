package io.serin.worker;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.TopicAdmin;
import io.serin.schemas.topics.Topics;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shadow worker: everything that it is made of, and its life. Starts its loop anew from the
 * last commit whenever Kafka fails, for as long as it lives.
 */
public final class ShadowWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShadowWorker.class);

  /** The consumer group of all workers. */
  public static final String GROUP = "serin-shadow-worker";

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration STALLED = Duration.ofSeconds(60);

  /**
   * What one worker runs with.
   *
   * @param name fixed over restarts and unique among the workers: group.instance.id and
   *     transactional.id are made of it
   * @param host to listen on
   * @param port 0 for one that the system chooses
   * @param maxPending requests taken on and not finished, 1 … 500
   * @param attempts of one model, the first included, 1 or more
   */
  public record Settings(String name, String host, int port, int maxPending, int attempts) {
    public Settings {
      if (!name.matches("[A-Za-z0-9._-]{1,100}")) {
        throw new IllegalArgumentException(
            "name is \"" + name + "\": it must be 1 to 100 letters, digits, dots, - or _");
      }
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port is " + port + ": it must be between 0 and 65535");
      }
    }
  }

  private final KafkaConnection connection;
  private final Settings settings;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final WorkerMetrics metrics = new WorkerMetrics(registry);
  private final CommandTable commands = new CommandTable();
  private final CommandFollower follower;
  private final ModelCaller caller = new ModelCaller(new Credentials(System::getenv));
  private final Replayer replayer;
  private final PayloadLoop.Bounds bounds;
  private final AtomicLong turnedAt = new AtomicLong(System.nanoTime());
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile double share = 1;
  private volatile boolean running;
  private volatile boolean reading;
  private volatile @Nullable String failure;
  private @Nullable Thread loop;
  private @Nullable Thread following;
  private @Nullable WorkerHttp http;

  public ShadowWorker(KafkaConnection connection, Settings settings) {
    this.connection = connection;
    this.settings = settings;
    this.bounds = new PayloadLoop.Bounds(settings.maxPending(), 64L << 20);
    this.follower =
        new CommandFollower(
            Topics.COMMANDS.name(),
            () -> connection.consumer(Map.of()),
            commands,
            PAUSE_AFTER_FAILURE);
    this.replayer =
        new Replayer(
            caller,
            commands,
            new Replayer.Settings(
                settings.attempts(),
                new Backoff(Duration.ofMillis(250), Duration.ofSeconds(10)),
                Duration.ofSeconds(30)),
            () -> share,
            metrics,
            InstantSource.system());
  }

  /**
   * Listens and begins to work.
   *
   * @throws IOException if the port is taken
   */
  public synchronized void start() throws IOException {
    http =
        new WorkerHttp(settings.host(), settings.port(), this::live, this::ready, registry::scrape);
    running = true;
    following = Thread.ofPlatform().name("serin-commands").daemon().start(this::follow);
    loop = Thread.ofPlatform().name("serin-payloads").start(this::work);
  }

  /** The port listened on. */
  public synchronized int port() {
    if (http == null) {
      throw new IllegalStateException("start() was not called");
    }
    return http.port();
  }

  /** Whether captured requests are being read. */
  public boolean ready() {
    return running && reading && follower.caughtUp();
  }

  /** False once the worker ended, or stands still. */
  public boolean live() {
    boolean turns = System.nanoTime() - turnedAt.get() < STALLED.toNanos();
    return ended.getCount() > 0 && (turns || !reading);
  }

  /** Waits until captured requests are being read; false where the worker ended before. */
  public boolean awaitReady() throws InterruptedException {
    while (!ready()) {
      if (ended.await(20, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return true;
  }

  /** Waits for the end; what ended the worker, or null where it was closed. */
  public @Nullable String await() throws InterruptedException {
    ended.await();
    return failure;
  }

  /** Publishes what is finished, and stops; what is not is done by the next worker. */
  @Override
  public synchronized void close() {
    running = false;
    try {
      join(loop);
      if (following != null) {
        following.interrupt();
        join(following);
      }
    } finally {
      replayer.close();
      caller.close();
      if (http != null) {
        http.close();
      }
    }
  }

  private void follow() {
    while (running) {
      try (Admin admin = connection.admin()) {
        TopicAdmin.ensure(admin, connection.partitions(), connection.replication());
        break;
      } catch (IllegalStateException e) {
        stop(String.valueOf(e.getMessage()));
        return;
      } catch (RuntimeException e) {
        unavailable(e);
        if (!pause()) {
          return;
        }
      }
    }
    follower.run();
  }

  private void work() {
    try {
      while (running && !follower.caughtUp()) {
        Thread.sleep(20);
      }
      while (running) {
        turn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      running = false;
      ended.countDown();
    }
  }

  private void turn() throws InterruptedException {
    try (Consumer<String, CapturedPayload> consumer = connection.consumer(consumerSettings());
        Producer<String, ShadowResult> producer = connection.producer(producerSettings())) {
      new PayloadLoop(
              consumer,
              producer,
              new PayloadLoop.Names(Topics.PAYLOADS.name(), Topics.SHADOW_RESULTS.name()),
              bounds,
              replayer::replay,
              metrics,
              part -> share = part)
          .run(this::goOn);
    } catch (ProducerFencedException e) {
      stop(
          "name is \""
              + settings.name()
              + "\": another worker has started under it; it must be unique");
    } catch (RuntimeException e) {
      metrics.restarted();
      unavailable(e);
      Thread.sleep(PAUSE_AFTER_FAILURE);
    } finally {
      reading = false;
    }
  }

  private boolean goOn() {
    reading = true;
    turnedAt.set(System.nanoTime());
    return running;
  }

  private void stop(String reason) {
    LOG.atError().addKeyValue("event", "worker.stopped").log(reason);
    failure = reason;
    running = false;
  }

  private Map<String, Object> consumerSettings() {
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
    config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, settings.name());
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, GROUP + "-" + settings.name());
    config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_500);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 50);
    return config;
  }

  private Map<String, Object> producerSettings() {
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, GROUP + "-" + settings.name());
    config.put(ProducerConfig.CLIENT_ID_CONFIG, GROUP + "-" + settings.name());
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
    return config;
  }

  private static void unavailable(RuntimeException e) {
    LOG.atWarn()
        .addKeyValue("event", "kafka.unavailable")
        .addKeyValue("cause", e.toString())
        .log("the worker starts anew from its last commit");
  }

  private static boolean pause() {
    try {
      Thread.sleep(PAUSE_AFTER_FAILURE);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static void join(@Nullable Thread thread) {
    if (thread != null) {
      try {
        thread.join(Duration.ofSeconds(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
