package io.serin.benchmarks.rollback;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Two model servers on one port, by path: the candidate answers until it is told to refuse. */
final class Models implements AutoCloseable {

  private static final String ANSWER =
      """
      {"id":"chatcmpl-1","object":"chat.completion","created":1764000000,"model":"stub","choices":[{"index":0,\
      "message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],\
      "usage":{"prompt_tokens":21,"completion_tokens":19,"total_tokens":40}}""";
  private static final byte[] GOOD =
      ANSWER.formatted("Boil the egg for seven minutes.").getBytes(StandardCharsets.UTF_8);
  private static final byte[] REFUSED =
      ANSWER
          .formatted("I'm sorry, but I can't help with that request.")
          .getBytes(StandardCharsets.UTF_8);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean refuses;

  Models() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    server.setExecutor(threads);
    server.createContext("/control", exchange -> answer(exchange, GOOD));
    server.createContext("/candidate", exchange -> answer(exchange, refuses ? REFUSED : GOOD));
    server.start();
  }

  private static void answer(HttpExchange exchange, byte[] answer) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(200, answer.length);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(answer);
    }
  }

  /** Whether the candidate refuses every request from now on. */
  void refuse(boolean now) {
    refuses = now;
  }

  /** Base URL of a variant. */
  String url(String variant) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + variant + "/v1";
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
