package io.serin.analytics.api;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.serin.schemas.connect.KafkaConnection;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control API over HTTP, with health and metrics beside it: /v1/, /health/live, /health/ready,
 * /metrics. A virtual thread a request, at most {@value #MOST_AT_ONCE} at once and {@value
 * #MOST_WATCHERS} watchers; a body of at most 1 MiB.
 *
 * <p>A page of another site cannot use it by way of a visitor's browser: what says that it comes
 * from another origin is refused, and so, where no token is needed, is a name that is not this
 * machine's own.
 */
public final class ControlServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
  private static final int MOST_AT_ONCE = 256;
  private static final int MOST_WATCHERS = 64;

  /** Requests whose bodies are read at the same time, before they count as under way. */
  private static final int MOST_BODIES = 1_024;

  /** A request that has not arrived whole by then is closed. */
  private static final String MOST_SECONDS = "20";

  static {
    // The server of the JDK takes its bounds from properties only, once, before the first is made.
    System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", MOST_SECONDS);
  }

  private static final int MOST_BODY = 1 << 20;

  /** Between two pieces of news that a watcher is sent. */
  private static final long NEWS_MILLIS = 250;

  /** Without news, a watcher is sent a comment: so each side sees that the other is gone. */
  private static final long QUIET_MILLIS = 5_000;

  private static final String JSON = "application/json";

  /**
   * Who may call.
   *
   * @param tokens bearer tokens
   * @param local true where only this machine can reach it
   */
  public record Access(Tokens tokens, boolean local) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore room = new Semaphore(MOST_AT_ONCE);
  private final Semaphore bodies = new Semaphore(MOST_BODIES);
  private final Semaphore watchers = new Semaphore(MOST_WATCHERS);
  private final Access access;
  private final RolloutView view = new RolloutView();
  private final ActionLog log;
  private final ViewReader reader;
  private final ControlApi api;
  private volatile boolean closed;

  /**
   * Binds; answers from {@link #start} on.
   *
   * @param port 0 for one that the system chooses
   * @param ids gives an id that was never given before
   * @throws IOException if the port is taken
   */
  public ControlServer(
      String host,
      int port,
      Access access,
      KafkaConnection connection,
      InstantSource clock,
      Supplier<String> ids,
      BooleanSupplier live,
      BooleanSupplier ready,
      Supplier<String> metrics)
      throws IOException {
    this.access = access;
    server = HttpServer.create(new InetSocketAddress(host, port), 64);
    log = new KafkaActionLog(connection);
    reader = new ViewReader(connection, view, clock);
    api = new ControlApi(view, log, access.tokens(), clock, ids, reader::caughtUp);
    server.setExecutor(threads);
    server.createContext("/health/live", exchange -> health(exchange, live));
    server.createContext(
        "/health/ready",
        exchange -> health(exchange, () -> ready.getAsBoolean() && reader.caughtUp()));
    server.createContext(
        "/metrics",
        exchange ->
            send(
                exchange,
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                metrics.get().getBytes(StandardCharsets.UTF_8)));
    server.createContext("/v1/", this::handle);
  }

  /** Listens. */
  public void start() {
    server.start();
  }

  /** Begins to read the topics, which must exist. */
  public void follow() {
    reader.start();
  }

  /** Whether the view of rollouts is as new as the topics were at the start. */
  public boolean caughtUp() {
    return reader.caughtUp();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    closed = true;
    server.stop(0);
    threads.close();
    reader.close();
    log.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    boolean held = false;
    try {
      checkOrigin(exchange);
      ControlApi.Request request = read(exchange);
      held = room.tryAcquire();
      if (!held) {
        throw new ApiError(503, "too many requests at once; retry later");
      }
      if (watches(request)) {
        room.release();
        held = false;
        watch(exchange, request);
      } else {
        answer(exchange, api.answer(request));
      }
    } catch (ApiError e) {
      answer(exchange, api.error(e));
    } catch (RuntimeException | StackOverflowError e) {
      LOG.atError().addKeyValue("event", "control.failed").setCause(e).log("a request failed");
      answer(exchange, api.error(new ApiError(500, "the control API failed; its log says why")));
    } finally {
      if (held) {
        room.release();
      }
    }
  }

  private void checkOrigin(HttpExchange exchange) throws ApiError {
    String host = exchange.getRequestHeaders().getFirst("host");
    String origin = exchange.getRequestHeaders().getFirst("origin");
    if (origin != null && !origin.replaceFirst("^https?://", "").equals(host)) {
      throw ApiError.of(403, "origin", origin, "pages of other sites may not call this API");
    }
    if (access.local() && !access.tokens().needed() && !local(host)) {
      throw ApiError.of(
          403, "host", host, "without tokens only localhost, 127.0.0.1 and [::1] are answered");
    }
  }

  private static boolean local(@Nullable String host) {
    String name = host == null ? "" : host.replaceFirst(":\\d+$", "");
    return name.equals("localhost") || name.equals("127.0.0.1") || name.equals("[::1]");
  }

  /** Authenticates before it reads a body; bodies have a number and a time of their own. */
  private ControlApi.Request read(HttpExchange exchange) throws IOException, ApiError {
    ControlApi.Request head = request(exchange, new byte[0]);
    api.allow(Route.of(head.method(), head.path()).route(), head);
    if (!bodies.tryAcquire()) {
      throw new ApiError(503, "too many requests send a body at once; retry later");
    }
    try {
      return request(exchange, exchange.getRequestBody().readNBytes(MOST_BODY + 1));
    } finally {
      bodies.release();
    }
  }

  private static ControlApi.Request request(HttpExchange exchange, byte[] body) throws ApiError {
    if (body.length > MOST_BODY) {
      throw new ApiError(413, "the body has more than " + MOST_BODY + " bytes");
    }
    URI uri = exchange.getRequestURI();
    Map<String, String> query = new HashMap<>();
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&")) {
        int equals = pair.indexOf('=');
        query.put(
            decoded(equals < 0 ? pair : pair.substring(0, equals)),
            equals < 0 ? "" : decoded(pair.substring(equals + 1)));
      }
    }
    Map<String, String> headers = new HashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
    // What people write in headers is percent-encoded, since those carry ASCII only.
    for (String name : new String[] {"x-serin-who", "x-serin-reason"}) {
      headers.computeIfPresent(name, (unused, text) -> decodedText(text));
    }
    return new ControlApi.Request(
        exchange.getRequestMethod(),
        uri.getRawPath(),
        query,
        headers,
        new String(body, StandardCharsets.UTF_8));
  }

  private static String decoded(String text) throws ApiError {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiError.of(400, "query", text, "must be percent-encoded");
    }
  }

  private static String decodedText(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text; // A plain per cent sign.
    }
  }

  // --- watching ---

  private static boolean watches(ControlApi.Request request) {
    try {
      return Route.of(request.method(), request.path()).route() == Route.WATCH;
    } catch (ApiError e) {
      return false; // It is answered as what it is.
    }
  }

  private void watch(HttpExchange exchange, ControlApi.Request request)
      throws IOException, ApiError {
    if (!watchers.tryAcquire()) {
      throw new ApiError(503, "too many watch already: try again, or ask from time to time");
    }
    try (exchange) {
      ControlApi.Answer first = api.answer(request);
      if (first.status() != 200) {
        answer(exchange, first);
        return;
      }
      exchange.getResponseHeaders().set("content-type", "text/event-stream");
      exchange.getResponseHeaders().set("cache-control", "no-store");
      exchange.sendResponseHeaders(200, 0);
      news(exchange.getResponseBody(), request, first);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      watchers.release();
    }
  }

  private void news(OutputStream out, ControlApi.Request request, ControlApi.Answer first)
      throws IOException, InterruptedException {
    ControlApi.Answer told = first;
    tell(out, told);
    long quietSince = System.nanoTime();
    while (!closed) {
      long seen = view.version();
      ControlApi.Answer now = api.answer(request);
      if (now.status() != 200) {
        return;
      }
      if (!now.body().equals(told.body())) {
        tell(out, now);
        told = now;
        quietSince = System.nanoTime();
      } else if (System.nanoTime() - quietSince > QUIET_MILLIS * 1_000_000) {
        out.write(": nothing new\n\n".getBytes(StandardCharsets.UTF_8));
        out.flush();
        quietSince = System.nanoTime();
      }
      Thread.sleep(NEWS_MILLIS);
      view.awaitAfter(seen, QUIET_MILLIS / 5);
    }
  }

  private void tell(OutputStream out, ControlApi.Answer answer) throws IOException {
    String id = answer.body().path("revision").asText();
    out.write(("event: rollout\nid: " + id + "\ndata: ").getBytes(StandardCharsets.UTF_8));
    out.write(api.write(answer.body()));
    out.write("\n\n".getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  // --- answers ---

  private void answer(HttpExchange exchange, ControlApi.Answer answer) throws IOException {
    if (answer.status() == 401) {
      exchange.getResponseHeaders().set("www-authenticate", "Bearer");
    }
    send(exchange, answer.status(), JSON, api.write(answer.body()));
  }

  private static void health(HttpExchange exchange, BooleanSupplier good) throws IOException {
    boolean up = good.getAsBoolean();
    send(
        exchange,
        up ? 200 : 503,
        JSON,
        ("{\"status\":\"" + (up ? "up" : "down") + "\"}\n").getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("content-type", type);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
