package io.serin.analytics.notify;

import io.serin.rollout.Webhook;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one webhook is sent, one after the other, in a thread of its own, so that one that hangs
 * keeps nobody else waiting. An answer of 2xx is delivery. What may pass (no connection, 408, 425,
 * 429, 5xx) is tried again after pauses that double; after the last try, or another answer, the
 * notice is given up: it stays on serin.events.
 */
final class ReceiverQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReceiverQueue.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final long LONGEST_PAUSE_SECONDS = 60;

  /** Notices that wait for one receiver; more are given up, so that no other has to wait. */
  static final int MOST_WAITING = 100;

  /** How a notice ended. */
  enum Result {
    DELIVERED,
    REFUSED,
    GIVEN_UP
  }

  /**
   * How often a notice is tried.
   *
   * @param tries 1 or more
   * @param pause before the second; each further one is twice as long
   */
  record Patience(int tries, Duration pause) {
    /** Seven tries over about a minute. */
    static final Patience DEFAULT = new Patience(7, Duration.ofSeconds(1));
  }

  /** A notice and whom to tell how it ended. */
  private record Order(Webhook webhook, Notice notice, Done done) {}

  /** Is told how a notice ended. */
  interface Done {
    void ended(Result result);
  }

  private final HttpClient http;
  private final Patience patience;
  private final InstantSource clock;
  private final Function<String, @Nullable String> environment;
  private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>(MOST_WAITING);
  private final AtomicInteger open = new AtomicInteger();
  private final Thread thread;

  ReceiverQueue(
      HttpClient http,
      Patience patience,
      InstantSource clock,
      Function<String, @Nullable String> environment,
      String name) {
    this.http = http;
    this.patience = patience;
    this.clock = clock;
    this.environment = environment;
    this.thread = Thread.ofVirtual().name("serin-webhook-" + name).start(this::run);
  }

  /** Takes a notice; where too many wait already it is given up at once. */
  void send(Webhook webhook, Notice notice, Done done) {
    open.incrementAndGet();
    if (!orders.offer(new Order(webhook, notice, done))) {
      end(done, ended(Result.GIVEN_UP, webhook, notice, MOST_WAITING + " notices wait already"));
    }
  }

  /** Whether nothing waits or is being delivered. */
  boolean idle() {
    return open.get() == 0;
  }

  private void end(Done done, Result result) {
    open.decrementAndGet();
    done.ended(result);
  }

  private void run() {
    try {
      while (true) {
        Order order = orders.take();
        end(order.done(), tryToDeliver(order.webhook(), order.notice()));
      }
    } catch (InterruptedException e) {
      // Closed: what is left is sent after the next start.
    }
  }

  /** A notice that cannot be sent at all keeps none of the others waiting. */
  private Result tryToDeliver(Webhook webhook, Notice notice) throws InterruptedException {
    try {
      return deliver(webhook, notice);
    } catch (RuntimeException e) {
      return ended(Result.GIVEN_UP, webhook, notice, e.toString());
    }
  }

  private Result deliver(Webhook webhook, Notice notice) throws InterruptedException {
    String why = "";
    Duration pause = patience.pause();
    for (int attempt = 1; attempt <= patience.tries(); attempt++) {
      if (attempt > 1) {
        Thread.sleep(pause);
        pause = pause.multipliedBy(2);
      }
      try {
        HttpResponse<Void> answer = http.send(request(webhook, notice), BodyHandlers.discarding());
        int status = answer.statusCode();
        if (status / 100 == 2) {
          return Result.DELIVERED;
        }
        why = "it answered " + status;
        if (status / 100 != 5 && status != 408 && status != 425 && status != 429) {
          return ended(Result.REFUSED, webhook, notice, why);
        }
        pause = longer(pause, answer);
      } catch (IOException e) {
        why = e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
      }
    }
    return ended(Result.GIVEN_UP, webhook, notice, why);
  }

  private static Result ended(Result result, Webhook webhook, Notice notice, String why) {
    LOG.atWarn()
        .addKeyValue("event", "webhook." + (result == Result.REFUSED ? "refused" : "givenUp"))
        .addKeyValue("host", host(webhook.url()))
        .addKeyValue("kind", notice.kind())
        .addKeyValue("id", notice.id())
        .addKeyValue("cause", why)
        .log("a notification was not delivered; it is on serin.events");
    return result;
  }

  private static String host(String url) {
    try {
      return String.valueOf(URI.create(url).getHost());
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** What the answer asks for, within a minute. */
  private static Duration longer(Duration pause, HttpResponse<?> answer) {
    String asked = answer.headers().firstValue("retry-after").orElse("");
    if (!asked.matches("[0-9]{1,6}")) {
      return pause;
    }
    Duration wanted = Duration.ofSeconds(Math.min(LONGEST_PAUSE_SECONDS, Long.parseLong(asked)));
    return wanted.compareTo(pause) > 0 ? wanted : pause;
  }

  private HttpRequest request(Webhook webhook, Notice notice) throws IOException {
    byte[] body = notice.body().getBytes(StandardCharsets.UTF_8);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(webhook.url()))
            .timeout(TIMEOUT)
            .header("content-type", "application/json")
            .header("user-agent", "serin")
            .header("serin-event", notice.kind())
            .header("serin-delivery", notice.id())
            .POST(BodyPublishers.ofByteArray(body));
    String secret = webhook.secret();
    if (secret != null) {
      request.header(
          "serin-signature", Signature.of(key(secret), clock.instant().getEpochSecond(), body));
    }
    return request.build();
  }

  /** A notice that should be signed is not sent without: the receiver would refuse it. */
  private byte[] key(String secret) throws IOException {
    String name = secret.substring(secret.indexOf(':') + 1);
    String key =
        secret.startsWith("env:")
            ? environment.apply(name)
            : Files.readString(Path.of(name)).strip();
    if (key == null || key.isEmpty()) {
      throw new IOException("the secret " + secret + " is not there or empty");
    }
    return key.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
