package io.serin.router;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.modelcalls.Credentials;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.router.capture.PayloadCapture;
import io.serin.router.exchange.DataPlane;
import io.serin.router.feedback.RequestIds;
import io.serin.router.front.RouterServer;
import io.serin.router.kafka.AckReporter;
import io.serin.router.kafka.CommandFollower;
import io.serin.router.kafka.EvidenceMetrics;
import io.serin.router.kafka.EvidenceSettings;
import io.serin.router.kafka.KafkaEvidence;
import io.serin.router.kafka.TopicSetup;
import io.serin.router.metrics.RouterMetrics;
import io.serin.router.ports.RouterClock;
import io.serin.router.ports.Secrets;
import io.serin.router.rollout.LeaseTimer;
import io.serin.router.rollout.RolloutTables;
import io.serin.router.rollout.TripFile;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.tail.ReaderState;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole router in this process: the one place where its parts meet. Needs neither Kafka nor the
 * registry to start: it serves by the commands that it kept, and journals what happens.
 */
public final class RouterService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RouterService.class);

  /** How long Kafka is asked for commands before those on disk are served. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /**
   * How long clients are kept waiting for a first command: without one, every answer would be an
   * error.
   */
  private static final Duration FIRST_COMMANDS = Duration.ofSeconds(4);

  /** How long Kafka may take to describe the topics, once commands were read from it. */
  private static final Duration TOPICS_CHECKED = Duration.ofSeconds(3);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final RouterServer server;

  /**
   * Starts a router and waits until it listens.
   *
   * @param environment where credentials of the form env:NAME are looked up
   * @throws IOException where the data folder cannot be used
   * @throws IllegalStateException where a port cannot be had
   * @throws IllegalArgumentException where a secret is not one
   */
  public RouterService(
      RouterSettings settings, KafkaConnection kafka, Map<String, String> environment)
      throws IOException {
    try {
      this.server = compose(settings, kafka, environment);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Where clients reach the router, without a path. */
  public String url() {
    return server.url();
  }

  /** Where the admin port is reached, without a path. */
  public String adminUrl() {
    return server.adminUrl();
  }

  /**
   * Lets requests under way end, publishes what it can, and closes all. What Kafka did not take
   * stays in the journal.
   */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.atWarn()
            .setCause(e)
            .addKeyValue("event", "close-failed")
            .addKeyValue("part", part.getClass().getSimpleName())
            .log("a part of the router did not close cleanly");
      }
    }
  }

  private RouterServer compose(
      RouterSettings settings, KafkaConnection kafka, Map<String, String> environment)
      throws IOException {
    Files.createDirectories(settings.data());
    Clock clock = Clock.systemUTC();
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    KafkaEvidence evidence =
        opened(
            KafkaEvidence.open(
                kafka,
                EvidenceSettings.of(settings.data().resolve("journal"), settings.maxJournalBytes()),
                settings.name(),
                clock));
    UnitHasher units =
        new UnitHasher(Secrets.readOrMake(settings.unitSalt(), "unit-salt").getFirst());
    Credentials credentials = new Credentials(environment);
    PayloadCapture capture =
        opened(
            new PayloadCapture(
                evidence::payload,
                credentials::secret,
                units::unitOf,
                System::nanoTime,
                settings.maxWaitingPayloads()));
    RouterMetrics metrics = new RouterMetrics(registry);
    bind(registry, evidence, capture);
    RolloutTables tables =
        new RolloutTables(
            units,
            credentials,
            opened(new TripFile(settings.data().resolve("trips"))),
            TripPolicy.DEFAULT);
    TopicSetup topics = opened(new TopicSetup(kafka));
    topics.start();
    opened(new LeaseTimer(tables)).start();
    CommandFollower follower =
        opened(
            new CommandFollower(kafka, settings.data().resolve("commands.avro"), tables, PATIENCE));
    CompletableFuture<Void> commands = follower.ready();
    CompletableFuture<RouterServer> listening = new CompletableFuture<>();
    AckReporter acks =
        opened(
            new AckReporter(
                kafka,
                settings.name(),
                new AckReporter.Source(
                    () -> listening.join().url(),
                    follower::adopted,
                    () ->
                        new AckReporter.TakenOut(
                            tables.trips(),
                            tables.lapsed(),
                            tables.forced(),
                            tables.refused(),
                            tables.conversations().moves()),
                    evidence::journal,
                    metrics::inFlight),
                clock));
    follower.onAdopted(acks::reportNow);
    tables.onRemoval(acks::reportNow);
    follower.start();
    awaitFirst(commands);
    refuseWrongTopics(topics, follower);
    RouterServer started =
        opened(
            RouterServer.start(
                settings.listen(),
                new DataPlane(
                    settings.name(),
                    tables,
                    evidence,
                    new RequestIds(Secrets.readOrMake(settings.signingKey(), "signing-key")),
                    capture,
                    metrics,
                    RouterClock.system(),
                    settings.proxy(),
                    settings.access()),
                registry,
                () -> trouble(commands, follower, topics)));
    listening.complete(started);
    acks.start();
    return started;
  }

  /**
   * Topics that differ from the settings are refused at the start. Kafka may be absent then: what
   * differs later makes the router not ready, and its events wait in the journal.
   */
  private static void refuseWrongTopics(TopicSetup topics, CommandFollower follower) {
    if (follower.following()) {
      try {
        topics.done().orTimeout(TOPICS_CHECKED.toMillis(), TimeUnit.MILLISECONDS).join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof IllegalStateException wrong) {
          throw wrong;
        }
      }
    }
  }

  /**
   * Why this router is not ready. An unavailable Kafka or registry is no reason while there are
   * commands to serve by: clients come first.
   */
  private static Optional<String> trouble(
      CompletableFuture<Void> commands, CommandFollower follower, TopicSetup topics) {
    ReaderState reader = follower.state();
    String why = reader.trouble().map(text -> ": the reader of commands " + text).orElse("");
    if (!commands.isDone()) {
      return Optional.of("no commands were read yet" + why);
    }
    boolean dead = reader instanceof ReaderState.Dead;
    if (dead || (!why.isEmpty() && follower.adopted().isEmpty())) {
      return Optional.of((dead ? "commands are not followed" : "there is nothing to serve") + why);
    }
    CompletableFuture<Set<String>> checked = topics.done();
    return checked.isCompletedExceptionally()
        ? Optional.ofNullable(checked.exceptionNow().getMessage())
        : Optional.empty();
  }

  private static void awaitFirst(CompletableFuture<Void> commands) {
    try {
      commands
          .copy()
          .completeOnTimeout(null, FIRST_COMMANDS.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    } catch (CompletionException e) {
      throw new IllegalStateException("commands cannot be followed", e);
    }
    if (!commands.isDone()) {
      LOG.atWarn()
          .addKeyValue("event", "no-commands")
          .log(
              "neither Kafka nor this router's disk has commands; clients are answered 503 until"
                  + " there are");
    }
  }

  private void bind(
      PrometheusMeterRegistry registry, KafkaEvidence evidence, PayloadCapture capture) {
    new EvidenceMetrics(evidence).bindTo(registry);
    Gauge.builder("serin.router.capture.waiting", capture, PayloadCapture::waiting)
        .description("Captured payloads that wait for redaction")
        .register(registry);
    FunctionCounter.builder("serin.router.capture.dropped", capture, PayloadCapture::dropped)
        .description("Captured payloads dropped before they were redacted")
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    opened(new JvmGcMetrics()).bindTo(registry);
  }

  /** Remembers a part, to be closed after all that are opened later. */
  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }
}
