package io.serin.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.serin.openai.Endpoint;
import io.serin.openai.answer.AnswerWriter;
import io.serin.openai.answer.Usage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A model server on the loopback that answers as told and remembers what it was asked. */
final class StubModel implements AutoCloseable {

  /** How a request is answered. */
  @FunctionalInterface
  interface Behaviour {
    void answer(HttpExchange exchange) throws IOException;
  }

  /** What a request looked like. */
  record Asked(String path, String authorization, String key, String body) {}

  private static final AnswerWriter WRITER =
      new AnswerWriter(Endpoint.CHAT_COMPLETIONS, "chatcmpl-1", 1_772_366_400, "candidate-model");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private volatile Behaviour behaviour;

  StubModel(Behaviour behaviour) throws IOException {
    this(0, behaviour);
  }

  StubModel(int port, Behaviour behaviour) throws IOException {
    this.behaviour = behaviour;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  void behave(Behaviour next) {
    behaviour = next;
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/v1";
  }

  List<Asked> asked() {
    return asked;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** A whole answer, not streamed. */
  static Behaviour says(String text) {
    return exchange -> {
      byte[] body = WRITER.body(text, "stop", new Usage(12L, 5L, null, 4L));
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    };
  }

  /** A whole answer that calls a tool. */
  static Behaviour calls(String name, String arguments) {
    return exchange -> {
      byte[] body =
          """
          {"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":
          {"role":"assistant","content":null,"tool_calls":[{"id":"t","type":"function","function":
          {"name":"%s","arguments":"%s"}}]},"finish_reason":"tool_calls"}]}
          """
              .formatted(name, arguments.replace("\"", "\\\""))
              .getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    };
  }

  /** A whole answer, streamed. */
  static Behaviour streams(String text) {
    return exchange -> {
      exchange.getResponseHeaders().set("content-type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(WRITER.firstEvent());
      exchange.getResponseBody().flush();
      exchange.getResponseBody().write(WRITER.textEvent(text));
      exchange.getResponseBody().write(WRITER.finishEvent("stop"));
      exchange.getResponseBody().write(WRITER.usageEvent(Usage.of(12, 5)));
      exchange.getResponseBody().write(AnswerWriter.doneEvent());
    };
  }

  /** A stream that ends in the middle. */
  static Behaviour cuts() {
    return exchange -> {
      exchange.getResponseHeaders().set("content-type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(WRITER.textEvent("Par"));
    };
  }

  /** An error. */
  static Behaviour fails(int status) {
    return exchange -> {
      byte[] body = "{\"error\":{\"message\":\"no\"}}".getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    };
  }

  /** No answer until the client has gone. */
  static Behaviour hangs() {
    return exchange -> {
      try {
        Thread.sleep(60_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String authorization = exchange.getRequestHeaders().getFirst("authorization");
      asked.add(
          new Asked(
              exchange.getRequestURI().toString(),
              authorization == null ? "" : authorization,
              exchange.getRequestHeaders().getOrDefault("x-api-key", List.of("")).getFirst(),
              body));
      behaviour.answer(exchange);
    }
  }
}
