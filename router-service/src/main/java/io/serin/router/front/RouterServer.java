package io.serin.router.front;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.router.access.Tls;
import io.serin.router.admin.AdminVerticle;
import io.serin.router.admin.HealthVerticle;
import io.serin.router.attempt.Backends;
import io.serin.router.exchange.ApiSettings.SenderLimits;
import io.serin.router.exchange.DataPlane;
import io.serin.router.feedback.FeedbackLimits;
import io.serin.router.http.ClientAddresses;
import io.serin.router.memory.MemoryBudget;
import io.serin.router.trip.UnitLimits;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The servers of a router: one event loop a core for clients, and the admin port. Thread-safe. */
public final class RouterServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RouterServer.class);
  private static final long START_SECONDS = 30;

  /**
   * Where to listen.
   *
   * @param host for clients
   * @param port for clients; 0 is chosen by the system
   * @param adminHost for the admin port
   * @param adminPort the admin port; 0 is chosen by the system
   * @param eventLoops how many, at least 1
   * @param drain how long requests under way may take to end when the router stops
   */
  public record Listen(
      String host, int port, String adminHost, int adminPort, int eventLoops, Duration drain) {

    /** Checks the bounds. */
    public Listen {
      checkPort("port", port);
      checkPort("admin-port", adminPort);
      if (eventLoops < 1) {
        throw new IllegalArgumentException("event-loops: " + eventLoops + ", must be at least 1");
      }
    }

    private static void checkPort(String name, int port) {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException(name + ": " + port + ", must be 0 … 65535");
      }
    }
  }

  private final Vertx vertx;
  private final Listen listen;
  private final List<ProxyVerticle> proxies;
  private final AdminVerticle admin;
  private final String scheme;
  private final AtomicBoolean draining = new AtomicBoolean();

  private RouterServer(
      Vertx vertx,
      Listen listen,
      DataPlane plane,
      PrometheusMeterRegistry registry,
      Supplier<Optional<String>> trouble) {
    this.vertx = vertx;
    this.listen = listen;
    this.proxies = Collections.synchronizedList(new ArrayList<>());
    this.admin =
        new AdminVerticle(
            plane.tables(),
            registry,
            () -> draining.get() ? Optional.of("draining") : trouble.get(),
            listen.adminHost(),
            listen.adminPort(),
            plane.access().operators());
    this.scheme = plane.access().tls() == null ? "http://" : "https://";
  }

  /**
   * Starts listening.
   *
   * @param trouble why the router is not ready, in one sentence; empty while it is
   * @throws IllegalStateException where a port cannot be had
   */
  public static RouterServer start(
      Listen listen,
      DataPlane plane,
      PrometheusMeterRegistry registry,
      Supplier<Optional<String>> trouble) {
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(listen.eventLoops()));
    RouterServer server = new RouterServer(vertx, listen, plane, registry, trouble);
    try {
      server.listen(plane);
    } catch (RuntimeException e) {
      vertx.close();
      throw e;
    }
    LOG.atInfo()
        .addKeyValue("url", server.url())
        .addKeyValue("admin", server.adminUrl())
        .addKeyValue("loops", listen.eventLoops())
        .addKeyValue("native", vertx.isNativeTransportEnabled())
        .addKeyValue("event", "router-listens")
        .log("router listens");
    return server;
  }

  /** Where clients reach the router, without a path. */
  public String url() {
    return scheme + reachable(listen.host()) + ":" + proxies.getFirst().actualPort();
  }

  /** Where the admin port is reached, without a path. */
  public String adminUrl() {
    return "http://" + reachable(listen.adminHost()) + ":" + admin.actualPort();
  }

  /**
   * Takes no new connection, waits for requests under way as long as the drain allows, then closes
   * all.
   */
  @Override
  public void close() {
    if (draining.getAndSet(true)) {
      return;
    }
    List<Future<?>> drains = new ArrayList<>();
    for (ProxyVerticle proxy : List.copyOf(proxies)) {
      drains.add(proxy.drain(listen.drain()));
    }
    try {
      await(Future.join(drains), listen.drain().toSeconds() + 2);
    } catch (IllegalStateException e) {
      LOG.atWarn()
          .addKeyValue("reason", e.getMessage())
          .addKeyValue("event", "drain-cut")
          .log("requests were still under way when the router stopped");
    }
    await(vertx.close(), START_SECONDS);
  }

  /** A router that listens everywhere is reached at its own loopback address. */
  private static String reachable(String host) {
    return host.equals("0.0.0.0") ? "127.0.0.1" : host;
  }

  private void listen(DataPlane plane) {
    SecureRandom seed = new SecureRandom();
    int shared = listen.port() == 0 ? -1 : listen.port();
    Backends backends = new Backends(plane.metrics());
    MemoryBudget memory = new MemoryBudget(plane.settings().clients().memoryBytes());
    plane.metrics().memory(memory);
    ClientAddresses addresses =
        new ClientAddresses(plane.settings().clients().connectionsPerAddress());
    SenderLimits senders = plane.settings().api().senders();
    UnitLimits units = new UnitLimits(senders.newUnitsPerMinute(), plane.clock()::nanoTime);
    UnitLimits raters =
        new UnitLimits((senders.newUnitsPerMinute() + 29) / 30, plane.clock()::nanoTime);
    FeedbackLimits feedback =
        new FeedbackLimits(senders.feedbackPerSecond(), plane.clock()::nanoTime);
    plane.metrics().connections(addresses::total);
    Future<?> clients =
        vertx.deployVerticle(
            () -> {
              ProxyVerticle proxy =
                  new ProxyVerticle(
                      plane,
                      backends,
                      new FeedbackApi(plane, feedback, raters),
                      units,
                      memory,
                      addresses,
                      listen.host(),
                      shared,
                      new SplittableRandom(seed.nextLong()));
              proxies.add(proxy);
              return proxy;
            },
            new DeploymentOptions().setInstances(listen.eventLoops()));
    await(clients, START_SECONDS);
    watchCertificate(plane.access().tls());
    await(vertx.deployVerticle(admin), START_SECONDS);
    await(vertx.deployVerticle(new HealthVerticle(plane.tables(), backends)), START_SECONDS);
  }

  private void watchCertificate(@Nullable Tls tls) {
    if (tls == null) {
      return;
    }
    try {
      new TlsWatch(
              vertx,
              tls,
              () ->
                  Future.join(
                      List.copyOf(proxies).stream()
                          .map(proxy -> proxy.readCertificate(tls))
                          .toList()))
          .start();
    } catch (IOException e) {
      throw new IllegalStateException("tls-certificate: cannot be read: " + e, e);
    }
  }

  private static void await(Future<?> future, long seconds) {
    try {
      future.await(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("not done within " + seconds + " s", e);
    } catch (Exception e) {
      // What a future failed with is thrown as it is, checked or not.
      throw new IllegalStateException(e.getMessage(), e);
    }
  }
}
