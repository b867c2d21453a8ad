package io.serin.benchmarks.rollback;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A user of one router who asks every few milliseconds and remembers who answered. Beside him,
 * users who come once keep the router busy. Everything runs on a thread of its own until it is
 * closed.
 */
final class Probe implements AutoCloseable {

  private static final String BODY =
      "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"How is an egg boiled?\"}]}"
          .formatted(RollbackBenchmark.ROLLOUT);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI chat;
  private final String name;
  private final int everyMillis;
  private final Thread thread;

  private volatile boolean over;
  private volatile String user;
  private volatile @Nullable String served;
  private volatile long candidateUntilMillis;
  private volatile long controlSinceNanos;
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();

  /**
   * @param everyMillis between two requests of the user: the resolution of what is measured
   */
  Probe(String name, URI router, int everyMillis) {
    this.name = name;
    this.everyMillis = everyMillis;
    this.chat = router.resolve("/v1/chat/completions");
    this.user = name + "-0";
    this.thread = Thread.ofPlatform().name("probe-" + name).start(this::run);
  }

  private void run() {
    long strangers = 0;
    try {
      while (!over) {
        String asked = user;
        String variant = ask(asked);
        long now = System.nanoTime();
        if (!asked.equals(user)) {
          continue;
        }
        if (variant == null) {
          failures.incrementAndGet();
        } else if (variant.equals("candidate")) {
          candidateUntilMillis = System.currentTimeMillis();
        } else if (!variant.equals(served)) {
          controlSinceNanos = now;
        }
        served = variant;
        ask(name + "-stranger-" + strangers++);
        Thread.sleep(everyMillis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable String ask(String who) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(chat)
            .header("content-type", "application/json")
            .header("x-user-id", who)
            .timeout(Duration.ofSeconds(20))
            .POST(BodyPublishers.ofString(BODY))
            .build();
    requests.incrementAndGet();
    try {
      HttpResponse<Void> response = http.send(request, BodyHandlers.discarding());
      return response.statusCode() == 200
          ? response.headers().firstValue("x-serin-variant").orElse(null)
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Takes other users until one of them is served by the candidate. */
  void findCandidate(String round) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    for (int i = 0; System.nanoTime() < end; i++) {
      String next = name + "-" + round + "-" + i;
      if ("candidate".equals(ask(next))) {
        served = null;
        user = next;
        await("candidate");
        return;
      }
      Thread.sleep(everyMillis);
    }
    throw new IllegalStateException("router " + name + " sends no request to the candidate");
  }

  /** Waits until the variant answers the user. */
  void await(String variant) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!variant.equals(served)) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "router " + name + " serves " + served + ", not " + variant + ", after a minute");
      }
      Thread.sleep(1);
    }
  }

  /** When control's first answer to the user after the candidate's last had come whole. */
  long controlSinceNanos() {
    return controlSinceNanos;
  }

  /**
   * When the candidate's last answer to the user had come whole, in milliseconds since the epoch.
   */
  long candidateUntilMillis() {
    return candidateUntilMillis;
  }

  /** Answers that were no answer. */
  long failures() {
    return failures.get();
  }

  /** Requests sent. */
  long requests() {
    return requests.get();
  }

  @Override
  public void close() {
    over = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
  }
}
