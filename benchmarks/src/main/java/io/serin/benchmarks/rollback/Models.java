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
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Model servers of many rollouts on one port, by path. Each candidate answers well until it is
 * spoiled, and remembers when its first refusal and its last answer left. Thread-safe.
 */
final class Models implements AutoCloseable {

  private static final String ANSWER =
      """
      {"id":"chatcmpl-1","object":"chat.completion","created":1764000000,"model":"stub","choices":[{"index":0,\
      "message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],\
      "usage":{"prompt_tokens":21,"completion_tokens":19,"total_tokens":40}}\
      """;
  private static final byte[] GOOD =
      ANSWER.formatted("Boil the egg for seven minutes.").getBytes(StandardCharsets.UTF_8);
  private static final byte[] REFUSED =
      ANSWER
          .formatted("I'm sorry, but I can't help with that request.")
          .getBytes(StandardCharsets.UTF_8);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** 1 where the candidate refuses. */
  private final AtomicLongArray spoiled;

  /** System.nanoTime() of the first refusal; 0 before it. */
  private final AtomicLongArray firstBad;

  private final AtomicLongArray lastAnswer;
  private final AtomicLongArray answers;

  Models(int rollouts) throws IOException {
    spoiled = new AtomicLongArray(rollouts);
    firstBad = new AtomicLongArray(rollouts);
    lastAnswer = new AtomicLongArray(rollouts);
    answers = new AtomicLongArray(rollouts);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_024);
    server.setExecutor(threads);
    server.createContext("/control", exchange -> answer(exchange, GOOD));
    server.createContext("/down", exchange -> fail(exchange));
    for (int i = 0; i < rollouts; i++) {
      int rollout = i;
      server.createContext("/candidate" + i + "/", exchange -> candidate(exchange, rollout));
    }
    server.start();
  }

  private void candidate(HttpExchange exchange, int rollout) throws IOException {
    boolean bad = spoiled.get(rollout) == 1;
    answer(exchange, bad ? REFUSED : GOOD);
    long now = System.nanoTime();
    if (bad) {
      firstBad.compareAndSet(rollout, 0, now);
    }
    lastAnswer.accumulateAndGet(rollout, now, Math::max);
    answers.incrementAndGet(rollout);
  }

  private static void fail(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(500, -1);
    exchange.close();
  }

  private static void answer(HttpExchange exchange, byte[] answer) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(200, answer.length);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(answer);
    }
  }

  /** The candidate answers well, and what was remembered of it is forgotten. */
  void heal(int rollout) {
    spoiled.set(rollout, 0);
    firstBad.set(rollout, 0);
    lastAnswer.set(rollout, 0);
  }

  /** The candidate refuses every request from now on. */
  void spoil(int rollout) {
    spoiled.set(rollout, 1);
  }

  /** Answers of the candidate so far. */
  long answers(int rollout) {
    return answers.get(rollout);
  }

  /** From the candidate's first refusal to its last answer; NaN where it never refused. */
  double servedBadMillis(int rollout) {
    long first = firstBad.get(rollout);
    return first == 0 ? Double.NaN : (lastAnswer.get(rollout) - first) / 1e6;
  }

  /** Base URL of a path, such as control. */
  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + path + "/v1";
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
