package io.serin.benchmarks.rollback;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Users of many rollouts, each of whom comes once: all rollouts get a slow stream of them, and the
 * one that is looked at a fast one. Routers take turns. Open loop, on a thread of its own until it
 * is closed.
 */
final class ManyUsers implements AutoCloseable {

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<URI> routers;
  private final List<String> rollouts;
  private final long slowNanos;
  private final long fastNanos;
  private final AtomicLong requests = new AtomicLong();
  private final Map<String, AtomicLong> failures = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile int watched;
  private volatile boolean over;

  /**
   * @param slow requests a second of all rollouts together
   * @param fast requests a second of the one that is looked at
   */
  ManyUsers(List<URI> routers, List<String> rollouts, double slow, double fast) {
    this.routers = routers.stream().map(router -> router.resolve("/v1/chat/completions")).toList();
    this.rollouts = List.copyOf(rollouts);
    this.slowNanos = Math.round(1e9 / slow);
    this.fastNanos = Math.round(1e9 / fast);
    this.thread = Thread.ofPlatform().name("users").start(this::run);
  }

  private void run() {
    long nextSlow = System.nanoTime();
    long nextFast = nextSlow;
    long slow = 0;
    long fast = 0;
    while (!over) {
      long now = System.nanoTime();
      if (now >= nextSlow) {
        send(rollouts.get((int) (slow % rollouts.size())), slow++ / rollouts.size());
        nextSlow += slowNanos;
      }
      if (now >= nextFast) {
        send(rollouts.get(watched), fast++);
        nextFast += fastNanos;
      }
      LockSupport.parkNanos(Math.min(nextSlow, nextFast) - System.nanoTime());
    }
  }

  private void send(String rollout, long number) {
    URI router = routers.get((int) (number % routers.size()));
    long user = requests.incrementAndGet();
    var unused = threads.submit(() -> ask(router, rollout, "user-" + user));
  }

  private void ask(URI router, String rollout, String user) {
    HttpRequest request =
        HttpRequest.newBuilder(router)
            .header("content-type", "application/json")
            .header("x-user-id", user)
            .timeout(Duration.ofSeconds(20))
            .POST(
                BodyPublishers.ofString(
                    "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"How is an egg boiled?\"}]}"
                        .formatted(rollout)))
            .build();
    String failure;
    try {
      int status = http.send(request, BodyHandlers.discarding()).statusCode();
      failure = status == 200 ? "" : "HTTP " + status;
    } catch (IOException e) {
      failure = e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (!failure.isEmpty()) {
      failures.computeIfAbsent(rollout + ": " + failure, f -> new AtomicLong()).incrementAndGet();
    }
  }

  /** The rollout that gets the fast stream. */
  void watch(int rollout) {
    watched = rollout;
  }

  long requests() {
    return requests.get();
  }

  /** What users saw that was no answer, by rollout and failure. */
  Map<String, AtomicLong> failures() {
    return Map.copyOf(failures);
  }

  @Override
  public void close() {
    over = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.close();
    http.close();
  }
}
