package io.serin.analytics.api;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.serin.schemas.connect.KafkaConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control API over HTTP, with health and metrics beside it: /v1/rollouts, /health/live,
 * /health/ready, /metrics. A virtual thread a request, at most {@value #MOST_AT_ONCE} at once; a
 * body of at most 1 MiB.
 */
public final class ControlServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
  private static final int MOST_AT_ONCE = 256;
  private static final int MOST_BODY = 1 << 20;
  private static final String ROLLOUTS = "/v1/rollouts";
  private static final String JSON = "application/json";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore room = new Semaphore(MOST_AT_ONCE);
  private final Wishes wishes;
  private final ViewReader reader;
  private final ControlApi api;

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
      KafkaConnection connection,
      InstantSource clock,
      Supplier<String> ids,
      BooleanSupplier live,
      BooleanSupplier ready,
      Supplier<String> metrics)
      throws IOException {
    server = HttpServer.create(new InetSocketAddress(host, port), 64);
    RolloutView view = new RolloutView();
    wishes = new KafkaWishes(connection);
    reader = new ViewReader(connection, view, clock);
    api = new ControlApi(view, wishes, clock, ids);
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
    server.createContext(ROLLOUTS, this::rollouts);
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
    server.stop(0);
    threads.close();
    reader.close();
    wishes.close();
  }

  private void rollouts(HttpExchange exchange) throws IOException {
    if (!room.tryAcquire()) {
      answer(exchange, api.error(new ApiError(503, "too many requests at once: try again")));
      return;
    }
    try {
      answer(exchange, reply(exchange));
    } finally {
      room.release();
    }
  }

  private ControlApi.Answer reply(HttpExchange exchange) throws IOException {
    String rest = exchange.getRequestURI().getRawPath().substring(ROLLOUTS.length());
    if (!rest.isEmpty() && !rest.startsWith("/")) {
      return api.error(new ApiError(404, "there is nothing here"));
    }
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BODY + 1);
    if (body.length > MOST_BODY) {
      return api.error(new ApiError(413, "the body has more than " + MOST_BODY + " bytes"));
    }
    try {
      List<String> path =
          Arrays.stream(rest.split("/"))
              .filter(part -> !part.isEmpty())
              .map(part -> URLDecoder.decode(part, StandardCharsets.UTF_8))
              .toList();
      return api.answer(
          new ControlApi.Request(
              exchange.getRequestMethod(),
              path,
              new String(body, StandardCharsets.UTF_8),
              exchange.getRequestHeaders().getFirst("x-serin-who"),
              exchange.getRequestHeaders().getFirst("x-serin-reason")));
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("event", "control.failed").setCause(e).log("a request failed");
      return api.error(new ApiError(500, "the control API failed; its log says why"));
    }
  }

  private void answer(HttpExchange exchange, ControlApi.Answer answer) throws IOException {
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
