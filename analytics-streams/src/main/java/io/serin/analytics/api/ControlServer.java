package io.serin.analytics.api;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.analytics.console.ConsoleFiles;
import io.serin.analytics.view.RolloutMetrics;
import io.serin.analytics.view.RolloutView;
import io.serin.analytics.view.ViewReader;
import io.serin.schemas.connect.KafkaConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control API over HTTP, with the console, health and metrics beside it: /v1/, /, /health/live,
 * /health/ready, /metrics. A virtual thread for each request, within the bounds of {@link Door}; at
 * most {@value #MOST_AT_ONCE} are answered at once. Where tokens are on, metrics need one too;
 * health and the console's files never do.
 */
public final class ControlServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
  private static final int MOST_AT_ONCE = 256;
  private static final String JSON = "application/json";

  /**
   * Who may call.
   *
   * @param tokens bearer tokens
   * @param names host names under which the port is reached, beside addresses and names without a
   *     dot: without tokens, no other is answered
   */
  public record Access(Tokens tokens, Set<String> names) {
    public Access {
      names = Set.copyOf(names);
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore room = new Semaphore(MOST_AT_ONCE);
  private final Door door;
  private final RolloutView view = new RolloutView();
  private final ActionLog log;
  private final ViewReader reader;
  private final ControlApi api;
  private final Watching watching;
  private final RolloutMetrics rolloutMetrics;
  private final ConsoleFiles console = new ConsoleFiles();
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
      PrometheusMeterRegistry metrics)
      throws IOException {
    door = new Door(access.names(), access.tokens().needed());
    server = HttpServer.create(new InetSocketAddress(host, port), 64);
    log = new KafkaActionLog(connection);
    reader = new ViewReader(connection, view, clock);
    api = new ControlApi(view, log, access.tokens(), clock, ids, reader::caughtUp);
    watching = new Watching(api, view, door);
    rolloutMetrics = new RolloutMetrics(metrics, view, clock);
    server.setExecutor(threads);
    server.createContext("/health/live", exchange -> health(exchange, live));
    server.createContext(
        "/health/ready",
        exchange -> health(exchange, () -> ready.getAsBoolean() && reader.caughtUp()));
    server.createContext("/metrics", exchange -> metrics(exchange, metrics));
    server.createContext("/v1/", this::handle);
    server.createContext("/", this::page);
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
    door.close();
  }

  private void metrics(HttpExchange exchange, PrometheusMeterRegistry metrics) throws IOException {
    try {
      door.check(exchange);
      api.allow(Role.VIEWER, request(exchange, new byte[0]));
      rolloutMetrics.refresh();
      send(
          exchange,
          200,
          "text/plain; version=0.0.4; charset=utf-8",
          metrics.scrape().getBytes(StandardCharsets.UTF_8));
    } catch (ApiError e) {
      answer(exchange, api.error(e));
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    ControlApi.Answer answer;
    try {
      door.check(exchange);
      ControlApi.Request request = read(exchange);
      if (watches(request)) {
        watch(exchange, request);
        return;
      }
      answer = answer(request);
    } catch (ApiError e) {
      answer = api.error(e);
    } catch (RuntimeException | StackOverflowError e) {
      LOG.atError().addKeyValue("event", "control.failed").setCause(e).log("a request failed");
      answer = api.error(new ApiError(500, "the control API failed; its log says why"));
    }
    answer(exchange, answer);
  }

  /** A client that reads its answer slowly takes no place from others. */
  private ControlApi.Answer answer(ControlApi.Request request) throws ApiError {
    if (!room.tryAcquire()) {
      throw new ApiError(503, "too many requests at once; retry later");
    }
    try {
      return api.answer(request);
    } finally {
      room.release();
    }
  }

  /** Authenticates before it reads a body. */
  private ControlApi.Request read(HttpExchange exchange) throws IOException, ApiError {
    ControlApi.Request head = request(exchange, new byte[0]);
    api.allow(Route.of(head.method(), head.path()).route().role(), head);
    return request(exchange, door.body(exchange));
  }

  private static ControlApi.Request request(HttpExchange exchange, byte[] body) throws ApiError {
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
      return Route.of(request.method(), request.path()).route().watches();
    } catch (ApiError e) {
      return false; // It is answered as what it is.
    }
  }

  private void watch(HttpExchange exchange, ControlApi.Request request)
      throws IOException, ApiError {
    try (exchange) {
      ControlApi.Answer refusal = watching.serve(exchange, request, () -> closed);
      if (refusal != null) {
        answer(exchange, refusal);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // --- answers ---

  private void answer(HttpExchange exchange, ControlApi.Answer answer) throws IOException {
    if (answer.status() == 401) {
      exchange.getResponseHeaders().set("www-authenticate", "Bearer");
    }
    send(exchange, answer.status(), JSON, ControlApi.write(answer.body()));
  }

  private void page(HttpExchange exchange) throws IOException {
    try {
      door.check(exchange);
      String path = exchange.getRequestURI().getPath();
      ConsoleFiles.ConsoleFile file = console.at(path);
      if (file == null) {
        throw new ApiError(404, path + " is no path of this port: the console is at /");
      }
      String method = exchange.getRequestMethod();
      if (!method.equals("GET")) {
        throw ApiError.of(405, "method", method, "must be GET");
      }
      ConsoleFiles.HEADERS.forEach(exchange.getResponseHeaders()::set);
      exchange.getResponseHeaders().set("etag", file.tag());
      if (file.tag().equals(exchange.getRequestHeaders().getFirst("if-none-match"))) {
        try (exchange) {
          exchange.sendResponseHeaders(304, -1);
        }
        return;
      }
      send(exchange, 200, file.type(), file.content());
    } catch (ApiError e) {
      answer(exchange, api.error(e));
    }
  }

  private void health(HttpExchange exchange, BooleanSupplier good) throws IOException {
    boolean up = good.getAsBoolean();
    send(
        exchange,
        up ? 200 : 503,
        JSON,
        ("{\"status\":\"" + (up ? "up" : "down") + "\"}\n").getBytes(StandardCharsets.UTF_8));
  }

  private void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("content-type", type);
      door.write(
          exchange,
          () -> {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.getResponseBody().flush(); // Closing waits for a body that is still sent.
          });
    }
  }
}
