package io.serin.schemas.tail;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;

/** A schema registry on a real socket, whose answers a test chooses. */
final class StubRegistry implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Requests that were answered with {@link #status}. */
  final AtomicInteger refused = new AtomicInteger();

  private final HttpServer server;
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

  /** Instead of every answer; 0 for none. */
  volatile int status;

  StubRegistry() {
    try {
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  StubRegistry with(int id, Schema schema) {
    schemas.put(id, schema);
    return this;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (status != 0) {
      refused.incrementAndGet();
      send(exchange, status, "{\"error_code\":40403,\"message\":\"stub\"}");
    } else if (path.equals("/subjects")) {
      send(exchange, 200, schemas.isEmpty() ? "[]" : "[\"serin.events-value\"]");
    } else {
      Schema schema = schemas.get(Integer.parseInt(path.substring(path.lastIndexOf('/') + 1)));
      if (schema == null) {
        send(exchange, 404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
      } else {
        send(exchange, 200, JSON.createObjectNode().put("schema", schema.toString()).toString());
      }
    }
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
