package io.serin.analytics;

import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.analytics.api.ControlServer;
import io.serin.analytics.decide.DecideTopology;
import io.serin.analytics.followups.ServedAfterRollback;
import io.serin.analytics.measure.MeasureTopology;
import io.serin.analytics.notify.Notifier;
import io.serin.analytics.streams.Faults;
import io.serin.analytics.streams.StreamsApplication;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.start.Service;
import io.serin.schemas.start.StartCheck;
import io.serin.schemas.tail.ReaderState;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Analytics as one process: both Streams applications, the control API and the webhooks. The one
 * place where they are wired. Health answers from the first moment; ready means that both
 * applications run, and the API knows every rollout. Thread-safe.
 */
public final class AnalyticsService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AnalyticsService.class);
  private static final long LOOK_MILLIS = 25;
  private static final long PAUSE_MILLIS = 1_000;

  /**
   * What one instance runs with.
   *
   * @param instance name of this instance: fixed over restarts, unique among instances
   * @param port 0 for one that the system chooses
   * @param access who may call the control API
   * @param data this instance's own folder
   */
  public record Settings(
      String instance, String host, int port, ControlServer.Access access, Path data) {
    public Settings {
      if (!instance.matches("[A-Za-z0-9._-]{1,100}")) {
        throw new IllegalArgumentException(
            "instance is \""
                + instance
                + "\": must be 1 to 100 letters, digits, dots, dashes or underscores");
      }
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port is " + port + ": must lie between 0 and 65535");
      }
    }
  }

  private final KafkaConnection connection;
  private final Settings settings;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ControlServer control;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final InstantSource clock = InstantSource.system();
  private volatile List<StreamsApplication> applications = List.of();
  private volatile @Nullable Notifier notifier;
  private volatile @Nullable ServedAfterRollback servedAfterRollback;

  /**
   * Binds the API's port.
   *
   * @throws IOException if it is taken
   */
  public AnalyticsService(KafkaConnection connection, Settings settings) throws IOException {
    this.connection = connection;
    this.settings = settings;
    this.control =
        new ControlServer(
            settings.host(),
            settings.port(),
            settings.access(),
            connection,
            clock,
            AnalyticsService::id,
            this::alive,
            this::running,
            registry);
    new JvmMemoryMetrics().bindTo(registry);
  }

  /** 128 random bits: a run's id is the salt of its assignment. */
  private static String id() {
    byte[] bytes = new byte[16];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * Answers health, makes sure that the topics exist, however long Kafka takes, and starts
   * everything.
   *
   * @throws InterruptedException where closed meanwhile
   */
  public void start() throws InterruptedException {
    control.start();
    ensureTopics();
    if (closed.getCount() == 0) {
      throw new InterruptedException("closed");
    }
    Faults faults = new Faults(registry);
    List<StreamsApplication> started =
        List.of(
            new StreamsApplication(
                new DecideTopology(connection, faults).build(),
                connection,
                DecideTopology.settings(settings.instance(), settings.data().resolve("decide")),
                faults,
                clock),
            new StreamsApplication(
                new MeasureTopology(connection).build(),
                connection,
                MeasureTopology.settings(settings.instance(), settings.data().resolve("measure")),
                faults,
                clock));
    applications = started;
    for (StreamsApplication application : started) {
      new KafkaStreamsMetrics(application.streams()).bindTo(registry);
      application.start();
    }
    control.follow();
    Notifier telling = new Notifier(connection, registry);
    notifier = telling;
    telling.start();
    ServedAfterRollback counting = new ServedAfterRollback(connection, clock);
    servedAfterRollback = counting;
    counting.start();
  }

  private void ensureTopics() throws InterruptedException {
    while (closed.getCount() > 0) {
      try {
        Set<String> created = StartCheck.run(connection, Service.ANALYTICS);
        LOG.atInfo()
            .addKeyValue("event", "topics.ready")
            .addKeyValue("created", created.size())
            .log("topics exist");
        return;
      } catch (KafkaException e) {
        LOG.atWarn()
            .addKeyValue("event", "topics.waiting")
            .addKeyValue("cause", e.toString())
            .log("Kafka does not answer yet; retrying");
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  /** Where the API listens. */
  public int port() {
    return control.port();
  }

  /** False once an application failed for good. */
  public boolean alive() {
    return applications.stream().allMatch(StreamsApplication::alive);
  }

  private boolean running() {
    List<StreamsApplication> started = applications;
    Notifier webhooks = notifier;
    ServedAfterRollback counting = servedAfterRollback;
    return !started.isEmpty()
        && started.stream().allMatch(StreamsApplication::ready)
        && (webhooks == null || !(webhooks.state() instanceof ReaderState.Dead))
        && (counting == null || !(counting.state() instanceof ReaderState.Dead));
  }

  /** Whether both applications run and the API knows every rollout. */
  public boolean ready() {
    return running() && control.caughtUp();
  }

  /** Waits until ready; false where it was closed or failed before. */
  public boolean awaitReady() throws InterruptedException {
    while (closed.getCount() > 0 && alive()) {
      if (ready()) {
        return true;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return false;
  }

  /** Waits until closed, or until an application has failed for good: then it returns false. */
  public boolean await() throws InterruptedException {
    while (closed.getCount() > 0) {
      if (!alive()) {
        return closed.getCount() == 0;
      }
      Thread.sleep(200);
    }
    return true;
  }

  @Override
  public void close() {
    closed.countDown();
    control.close();
    Notifier telling = notifier;
    if (telling != null) {
      telling.close();
    }
    ServedAfterRollback counting = servedAfterRollback;
    if (counting != null) {
      counting.close();
    }
    applications.forEach(StreamsApplication::close);
  }
}
