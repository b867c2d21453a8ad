package io.serin.router.front;

import io.serin.openai.OpenAiError;
import io.serin.router.access.Tls;
import io.serin.router.attempt.Backends;
import io.serin.router.attempt.DeadlineWatch;
import io.serin.router.attempt.Upstreams;
import io.serin.router.exchange.DataPlane;
import io.serin.router.exchange.Exchanges;
import io.serin.router.exchange.Requests;
import io.serin.router.http.ClientAddresses;
import io.serin.router.http.ClientWatch;
import io.serin.router.http.Headers;
import io.serin.router.http.Http2;
import io.serin.router.http.PageGuard;
import io.serin.router.memory.MemoryBudget;
import io.serin.router.passthrough.PassThroughs;
import io.serin.router.realtime.Realtime;
import io.serin.router.realtime.RealtimeBounds;
import io.serin.router.trip.UnitLimits;
import io.serin.router.upstream.ConnectionPool;
import io.serin.router.upstream.PoolSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One event loop of the data plane: a server that shares its port with the others, and connections
 * of its own.
 */
final class ProxyVerticle extends VerticleBase {

  private static final int MAX_HEADER_BYTES = 64 << 10;

  /** Most requests at a time on one client's connection with HTTP/2. */
  private static final long MOST_STREAMS = 250;

  /** Shorter than the five seconds after which common model servers close an idle connection. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(4);

  private static final Duration MAX_AGE = Duration.ofHours(1);

  private final DataPlane plane;
  private final Backends backends;
  private final FeedbackApi feedback;
  private final UnitLimits units;
  private final MemoryBudget memory;
  private final ClientAddresses addresses;
  private final String host;
  private final int port;
  private final RandomGenerator random;
  private @Nullable HttpServer server;

  /**
   * @param port a negative number shares one port, chosen by the system, among the verticles of a
   *     deployment
   */
  ProxyVerticle(
      DataPlane plane,
      Backends backends,
      FeedbackApi feedback,
      UnitLimits units,
      MemoryBudget memory,
      ClientAddresses addresses,
      String host,
      int port,
      RandomGenerator random) {
    this.plane = plane;
    this.backends = backends;
    this.feedback = feedback;
    this.units = units;
    this.memory = memory;
    this.addresses = addresses;
    this.host = host;
    this.port = port;
    this.random = random;
  }

  @Override
  public Future<?> start() {
    Context eventLoop = context;
    Requests requests = new Requests(plane.tables().current(), plane.metrics());
    LongSupplier nanoTime = plane.clock()::nanoTime;
    Upstreams upstreams =
        new Upstreams(
            connections(),
            new DeadlineWatch(vertx, nanoTime),
            nanoTime,
            plane.settings().maxAnswerBytes(),
            plane.settings().maxHeldBytes(),
            memory);
    ClientWatch clients = new ClientWatch(vertx, plane.settings().clients(), addresses, memory);
    Dispatcher dispatcher =
        new Dispatcher(
            plane,
            requests,
            new Exchanges(plane, requests, upstreams, backends, units, random),
            new PassThroughs(upstreams, backends, plane.metrics()),
            new Realtime(vertx, plane.metrics(), RealtimeBounds.DEFAULT, nanoTime),
            feedback,
            clients,
            pages(),
            vertx);
    plane.tables().addLoop(task -> eventLoop.runOnContext(nothing -> task.run()), requests::adopt);
    HttpServer created =
        vertx.createHttpServer(options(plane.access().tls(), plane.settings().api().http2()));
    created.requestHandler(dispatcher::handle);
    created.invalidRequestHandler(ProxyVerticle::refuseInvalid);
    // A client that resets its connection is nobody's error: its requests hear of it.
    created.connectionHandler(
        connection -> {
          connection.exceptionHandler(failure -> {});
          clients.connected(connection);
        });
    server = created;
    return created.listen(port, host);
  }

  private PageGuard pages() {
    boolean loopback;
    try {
      loopback = InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      loopback = false; // Listening there fails with its own message.
    }
    Set<String> names = new HashSet<>(plane.settings().api().hostNames());
    names.add(host);
    return new PageGuard(
        plane.access().clients() != null, loopback, plane.settings().api().corsOrigins(), names);
  }

  /** The port that clients reach. */
  int actualPort() {
    HttpServer listening = server;
    if (listening == null) {
      throw new IllegalStateException("not started");
    }
    return listening.actualPort();
  }

  /** Takes no new connection, lets requests under way end, then closes. */
  Future<?> drain(Duration timeout) {
    HttpServer listening = server;
    return listening == null ? Future.succeededFuture() : listening.shutdown(timeout);
  }

  /** Reads the files of its certificate again, for connections that come from now on. */
  Future<?> readCertificate(Tls tls) {
    HttpServer listening = server;
    return listening == null
        ? Future.succeededFuture()
        : listening.updateSSLOptions(
            options(tls, plane.settings().api().http2()).getSslOptions(), true);
  }

  /** What is no HTTP is answered once, in OpenAI's shape, and its connection is not used again. */
  private static void refuseInvalid(HttpServerRequest request) {
    OpenAiError error =
        OpenAiError.invalidRequest("The request is not valid HTTP/1.1.", null, "invalid_http");
    request
        .response()
        .setStatusCode(error.status())
        .putHeader(Headers.CONTENT_TYPE, Headers.JSON)
        .putHeader("connection", "close")
        .end(Buffer.buffer(error.toJson()))
        .onComplete(sent -> request.connection().close());
  }

  private ConnectionPool connections() {
    return new ConnectionPool(
        vertx,
        new PoolSettings(
            plane.settings().connectionsPerLoop(),
            KEEP_ALIVE,
            MAX_AGE,
            MAX_HEADER_BYTES,
            plane.settings().api().http2().upstream(),
            plane.settings().api().http2().servers()));
  }

  private static HttpServerOptions options(@Nullable Tls tls, Http2 http2) {
    HttpServerOptions options = plain().setHttp2ClearTextEnabled(http2.clearText());
    if (tls == null) {
      return options;
    }
    options
        .setSsl(true)
        .setUseAlpn(true)
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .setCertPath(tls.certificate().toString())
                .setKeyPath(tls.key().toString()));
    Path authorities = tls.clientCa();
    if (authorities != null) {
      options
          .setClientAuth(ClientAuth.REQUIRED)
          .setTrustOptions(new PemTrustOptions().addCertPath(authorities.toString()));
    }
    return options;
  }

  private static HttpServerOptions plain() {
    return new HttpServerOptions()
        .setTcpNoDelay(true)
        .setTcpKeepAlive(true)
        .setInitialSettings(
            new Http2Settings()
                .setMaxConcurrentStreams(MOST_STREAMS)
                .setMaxHeaderListSize(MAX_HEADER_BYTES))
        .setHandle100ContinueAutomatically(true)
        .setWebSocketSubProtocols(List.of(Realtime.PROTOCOL))
        .setMaxWebSocketFrameSize(RealtimeBounds.DEFAULT.frameBytes())
        .setMaxWebSocketMessageSize(RealtimeBounds.DEFAULT.messageBytes())
        // Its handlers would look at every message.
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setMaxHeaderSize(MAX_HEADER_BYTES)
        .setAcceptBacklog(4096);
  }
}
