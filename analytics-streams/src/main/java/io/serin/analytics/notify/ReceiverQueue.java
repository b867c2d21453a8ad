package io.serin.analytics.notify;

import io.serin.rollout.Webhook;
import io.serin.schemas.secret.SecretReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
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
  private static final long LONGEST_PAUSE_SECONDS = 60;

  static final int MOST_WAITING = 100;
  static final int MOST_BYTES = 1 << 20;

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
   * @param timeout of one try, the answer's body included
   */
  record Patience(int tries, Duration pause, Duration timeout) {
    /** Seven tries over about a minute. */
    static final Patience DEFAULT = new Patience(7, Duration.ofSeconds(1), Duration.ofSeconds(10));
  }

  private record Order(Webhook webhook, Notice notice, Done done) {
    int size() {
      return notice.body().length();
    }
  }

  /** What follows the end of a notice. */
  interface Done {
    /** Takes the result; must not block. */
    void ended(Result result);

    /** Waits until the result is durable; the next notice is sent after it. */
    default void awaitDurable() throws InterruptedException {}
  }

  private final HttpClient http;
  private final Patience patience;
  private final InstantSource clock;
  private final SecretReader secrets;
  private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>(MOST_WAITING);
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Thread thread;

  ReceiverQueue(
      HttpClient http, Patience patience, InstantSource clock, SecretReader secrets, String name) {
    this.http = http;
    this.patience = patience;
    this.clock = clock;
    this.secrets = secrets;
    this.thread = Thread.ofVirtual().name("serin-webhook-" + name).start(this::run);
  }

  /** Takes a notice; where too many wait already it is given up at once. Does not block. */
  void send(Webhook webhook, Notice notice, Done done) {
    Order order = new Order(webhook, notice, done);
    open.incrementAndGet();
    boolean fits = waiting.addAndGet(order.size()) <= MOST_BYTES;
    if (!fits || !orders.offer(order)) {
      waiting.addAndGet(-order.size());
      end(order, ended(Result.GIVEN_UP, webhook, notice, "too many notices wait already"));
    }
  }

  /** Drops what waits and is selected: another instance sends it. */
  void drop(Predicate<Notice> selected) {
    orders.removeIf(
        order -> {
          boolean dropped = selected.test(order.notice());
          if (dropped) {
            waiting.addAndGet(-order.size());
            open.decrementAndGet();
          }
          return dropped;
        });
  }

  /** Whether nothing waits or is being delivered. */
  boolean idle() {
    return open.get() == 0;
  }

  private void end(Order order, Result result) {
    open.decrementAndGet();
    order.done().ended(result);
  }

  private void run() {
    try {
      while (true) {
        Order order = orders.take();
        waiting.addAndGet(-order.size());
        end(order, tryToDeliver(order.webhook(), order.notice()));
        order.done().awaitDurable();
      }
    } catch (InterruptedException e) {
      // Closed: what waits is sent after the next start.
    }
  }

  /** A notice that cannot be sent at all keeps none of the others waiting. */
  private Result tryToDeliver(Webhook webhook, Notice notice) throws InterruptedException {
    try {
      return deliver(webhook, notice);
    } catch (RuntimeException e) {
      // Not its message: that may quote the URL.
      return ended(Result.GIVEN_UP, webhook, notice, e.getClass().getSimpleName());
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
        HttpResponse<Void> answer = answer(request(webhook, notice));
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

  /** The answer with its body read to the end and discarded, all within the timeout. */
  private HttpResponse<Void> answer(HttpRequest request) throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<Void>> answer =
        http.sendAsync(request, BodyHandlers.discarding());
    try {
      return answer.get(patience.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("no answer within " + patience.timeout());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      answer.cancel(true);
    }
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

  /** A notice that must be signed is not sent without: its receiver would refuse it. */
  private byte[] key(String reference) throws IOException {
    return switch (secrets.read(reference)) {
      case SecretReader.Secret.Missing(String reason) -> throw new IOException(reason);
      case SecretReader.Secret.Found(String value) -> {
        if (value.isBlank()) {
          throw new IOException(reference + " is empty");
        }
        yield value.strip().getBytes(StandardCharsets.UTF_8);
      }
    };
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
