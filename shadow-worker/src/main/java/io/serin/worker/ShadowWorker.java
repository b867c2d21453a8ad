package io.serin.worker;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.modelcalls.Credentials;
import io.serin.schemas.Command;
import io.serin.schemas.WorkerStatus;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.http.KeyFile;
import io.serin.schemas.http.Operator;
import io.serin.schemas.start.Service;
import io.serin.schemas.start.StartCheck;
import io.serin.schemas.tail.ReaderState;
import io.serin.schemas.tail.TopicTail;
import io.serin.worker.call.ModelCaller;
import io.serin.worker.commands.CommandFollower;
import io.serin.worker.commands.CommandTable;
import io.serin.worker.position.PendingBounds;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shadow worker: everything that it is made of, and its life. */
public final class ShadowWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShadowWorker.class);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration TURN = Duration.ofMillis(200);
  private static final long MAX_PENDING_BYTES = 16L << 20;

  /**
   * What one worker runs with.
   *
   * @param name fixed over restarts and unique among the workers: group.instance.id and
   *     transactional.id are made of it
   * @param host to listen on
   * @param port 0 for one that the system chooses
   * @param maxPending of one rollout, requests taken on and not finished, 1 … 250
   * @param attempts of one model, the first included, 1 or more
   * @param tokens who may read metrics; null lets everyone
   */
  public record Settings(
      String name,
      String host,
      int port,
      int maxPending,
      int attempts,
      @Nullable KeyFile<Operator> tokens) {
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
  private final CommandTable commands = new CommandTable();
  private final TopicTail<Command> follower;
  private final ModelCaller caller = new ModelCaller(Credentials.ofProcess());
  private final RolloutReplays lanes;
  private final Map<String, WorkerMetrics> metrics = new ConcurrentHashMap<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean running;
  private volatile @Nullable String failure;
  private @Nullable Thread managing;
  private @Nullable Thread following;
  private @Nullable WorkerHttp http;

  public ShadowWorker(KafkaConnection connection, Settings settings) {
    this.connection = connection;
    this.settings = settings;
    this.follower = CommandFollower.of(connection, commands);
    RolloutReplay.Settings of =
        new RolloutReplay.Settings(
            settings.name(),
            new PendingBounds(settings.maxPending(), MAX_PENDING_BYTES),
            settings.attempts());
    this.lanes =
        new RolloutReplays(
            connection,
            settings.name(),
            commands,
            InstantSource.system(),
            id ->
                new RolloutReplay(
                    id,
                    ReplayPlan.Scope.LIVE,
                    connection,
                    of,
                    caller,
                    commands,
                    metrics.computeIfAbsent(
                        id.rollout(), rollout -> new WorkerMetrics(registry, rollout)),
                    InstantSource.system(),
                    this::stop));
  }

  /**
   * Listens and begins to work.
   *
   * @throws IOException if the port is taken
   */
  public synchronized void start() throws IOException {
    http =
        new WorkerHttp(
            settings.host(),
            settings.port(),
            settings.tokens(),
            this::live,
            this::ready,
            registry::scrape);
    running = true;
    following = Thread.ofPlatform().name("serin-commands").daemon().start(this::follow);
    managing = Thread.ofPlatform().name("serin-lanes").start(this::manage);
  }

  /** The port listened on. */
  public synchronized int port() {
    if (http == null) {
      throw new IllegalStateException("start() was not called");
    }
    return http.port();
  }

  /** Whether every rollout's captured requests are being read. */
  public boolean ready() {
    return running && follower.caughtUp() && !dead(follower) && lanes.reading();
  }

  /** False once the worker ended, or a rollout's replays stand still. */
  public boolean live() {
    return ended.getCount() > 0 && !lanes.stalled();
  }

  /** How the replays of each rollout stand. */
  public List<WorkerStatus> statuses() {
    return lanes.statuses();
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
      join(managing);
      if (following != null) {
        following.interrupt();
        join(following);
      }
      follower.close();
    } finally {
      caller.close();
      if (http != null) {
        http.close();
      }
    }
  }

  private void follow() {
    while (running) {
      try {
        StartCheck.run(connection, Service.WORKER);
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
    follower.start();
  }

  private void manage() {
    try {
      while (running && !follower.caughtUp()) {
        Thread.sleep(20);
      }
      while (running) {
        try {
          lanes.turn();
        } catch (RuntimeException e) {
          unavailable(e);
        }
        Thread.sleep(TURN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      running = false;
      lanes.close();
      ended.countDown();
    }
  }

  private void stop(String reason) {
    LOG.atError().addKeyValue("event", "worker.stopped").log(reason);
    failure = reason;
    running = false;
  }

  private static void unavailable(RuntimeException e) {
    LOG.atWarn()
        .addKeyValue("event", "kafka.unavailable")
        .addKeyValue("cause", e.toString())
        .log("trying again");
  }

  private static boolean dead(TopicTail<?> tail) {
    return tail.state() instanceof ReaderState.Dead;
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
