package io.serin.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.serin.schemas.http.KeyFile;
import io.serin.schemas.http.Operator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The worker's health and metrics over HTTP: /health/live, /health/ready, /metrics. With tokens,
 * metrics need one; health never does.
 */
final class WorkerHttp implements AutoCloseable {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;

  /**
   * Binds and answers at once.
   *
   * @param port 0 for one that the system chooses
   * @param tokens who may read metrics; null lets everyone
   * @throws IOException if the port is taken
   */
  WorkerHttp(
      String host,
      int port,
      @Nullable KeyFile<Operator> tokens,
      BooleanSupplier live,
      BooleanSupplier ready,
      Supplier<String> metrics)
      throws IOException {
    server = HttpServer.create(new InetSocketAddress(host, port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/health/live", exchange -> state(exchange, "/health/live", live));
    server.createContext("/health/ready", exchange -> state(exchange, "/health/ready", ready));
    server.createContext(
        "/metrics",
        exchange -> {
          if (admits(tokens, exchange)) {
            answer(exchange, "/metrics", 200, TEXT, metrics.get());
          } else {
            exchange.getResponseHeaders().set("www-authenticate", "Bearer");
            answer(exchange, "/metrics", 401, "text/plain", "a token of --tokens is needed\n");
          }
        });
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private static boolean admits(@Nullable KeyFile<Operator> tokens, HttpExchange exchange) {
    return tokens == null
        || tokens.owner(Operator.bearer(exchange.getRequestHeaders().getFirst("authorization")))
            != null;
  }

  private static void state(HttpExchange exchange, String path, BooleanSupplier good)
      throws IOException {
    boolean up = good.getAsBoolean();
    answer(
        exchange,
        path,
        up ? 200 : 503,
        "application/json",
        "{\"status\":\"" + (up ? "up" : "down") + "\"}\n");
  }

  private static void answer(
      HttpExchange exchange, String path, int status, String type, String body) throws IOException {
    try (exchange) {
      boolean known = exchange.getRequestURI().getPath().equals(path);
      byte[] bytes = (known ? body : "not found\n").getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", known ? type : "text/plain");
      exchange.sendResponseHeaders(known ? status : 404, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
