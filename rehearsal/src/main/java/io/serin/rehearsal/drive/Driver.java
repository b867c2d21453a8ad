package io.serin.rehearsal.drive;

import io.serin.rehearsal.model.Disliked;
import io.serin.rehearsal.traffic.PlannedRequest;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sends traffic on schedule, whatever becomes of what was sent before (open loop), and judges every
 * answer. One event loop carries all requests; {@link #run} belongs to the caller's thread. The
 * numbers may be read from any thread.
 */
public final class Driver implements AutoCloseable {

  private final Vertx vertx;
  private final DriverSettings settings;
  private final InstantSource time;
  private final Context loop;
  private final HttpClient client;
  private final SplittableRandom random;
  private final Object lock = new Object();
  private final List<RequestResult> results = new ArrayList<>();
  private final Map<ClientOutcome, Long> outcomes = new EnumMap<>(ClientOutcome.class);
  private long begun;
  private long notSent;
  private long feedbackSent;
  private long feedbackRefused;
  private int inFlight;
  private volatile boolean stopped;
  private volatile boolean closed;

  /** Sends nothing yet. */
  public Driver(DriverSettings settings, InstantSource time) {
    this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    this.settings = settings;
    this.time = time;
    this.loop = vertx.getOrCreateContext();
    this.random = new SplittableRandom(settings.seed());
    this.client =
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientOptions()
                    .setKeepAliveTimeout(5)
                    .setTcpNoDelay(true)
                    .setConnectTimeout(5_000)
                    .setMaxChunkSize(64 * 1024))
            .with(
                new PoolOptions().setHttp1MaxSize(settings.maxInFlight() + 64).setEventLoopSize(1))
            // What a lost connection means is told by the request that it carried.
            .withConnectHandler(connection -> connection.exceptionHandler(_ -> {}))
            .build();
  }

  /**
   * The numbers at one moment.
   *
   * @param begun requests that were sent
   * @param notSent requests that were due while too many were under way
   */
  public record Progress(
      long begun,
      long completed,
      long notSent,
      int inFlight,
      long feedbackSent,
      long feedbackRefused,
      Map<ClientOutcome, Long> outcomes) {

    /** Requests that ended otherwise than well. */
    public long errors() {
      return completed - outcomes.getOrDefault(ClientOutcome.OK, 0L);
    }
  }

  /**
   * Sends the traffic and waits for the last answer.
   *
   * @throws InterruptedException where the thread is interrupted; what is under way goes on
   */
  public void run(Iterator<PlannedRequest> traffic) throws InterruptedException {
    long start = System.nanoTime();
    while (!stopped && traffic.hasNext()) {
      PlannedRequest request = traffic.next();
      long due = start + request.offsetNanos();
      for (long wait = due - System.nanoTime();
          wait > 0 && !stopped;
          wait = due - System.nanoTime()) {
        LockSupport.parkNanos(Math.min(wait, 100_000_000));
        if (Thread.interrupted()) {
          throw new InterruptedException("the driver was interrupted");
        }
      }
      if (!stopped) {
        send(request, TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - due));
      }
    }
    synchronized (lock) {
      while (inFlight > 0) {
        lock.wait();
      }
    }
  }

  /** Sends no more; {@link #run} returns when what is under way has ended. */
  public void stop() {
    stopped = true;
  }

  /** The numbers now. */
  public Progress progress() {
    synchronized (lock) {
      return new Progress(
          begun,
          results.size(),
          notSent,
          inFlight,
          feedbackSent,
          feedbackRefused,
          new EnumMap<>(outcomes));
    }
  }

  /** What ended so far, in the order of its end. */
  public List<RequestResult> results() {
    synchronized (lock) {
      return List.copyOf(results);
    }
  }

  @Override
  public void close() {
    stopped = true;
    closed = true;
    CountDownLatch gone = new CountDownLatch(1);
    client.close().eventually(() -> vertx.close()).onComplete(_ -> gone.countDown());
    try {
      gone.await(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(PlannedRequest request, long lateMicros) {
    long number;
    synchronized (lock) {
      if (inFlight >= settings.maxInFlight()) {
        notSent++;
        return;
      }
      number = begun++;
      inFlight++;
    }
    URI router = settings.routers().get((int) (number % settings.routers().size()));
    loop.runOnContext(
        _ -> {
          Exchange exchange = new Exchange(request, router, lateMicros);
          if (closed) {
            exchange.end(ClientOutcome.NEVER_CONNECTED, "the driver was closed");
          } else {
            exchange.begin();
          }
        });
  }

  private void ended(RequestResult result, PlannedRequest request, URI router, boolean disliked) {
    boolean thumb;
    synchronized (lock) {
      results.add(result);
      outcomes.merge(result.outcome(), 1L, Long::sum);
      inFlight--;
      thumb = random.nextDouble() < settings.feedback();
      lock.notifyAll();
    }
    String requestId = result.requestId();
    if (thumb && !closed && result.outcome() == ClientOutcome.OK && requestId != null) {
      thumb(requestId, request, router, disliked);
    }
  }

  private void thumb(String requestId, PlannedRequest request, URI router, boolean disliked) {
    int value;
    synchronized (lock) {
      value = random.nextDouble() < 0.9 && !disliked ? 1 : -1;
    }
    Buffer body =
        Buffer.buffer(
            "{\"request_id\":\"" + requestId + "\",\"kind\":\"thumb\",\"value\":" + value + "}");
    client
        .request(options(router, "/v1/feedback"))
        .compose(
            http ->
                http.putHeader("content-type", "application/json")
                    .putHeader("x-user-id", request.user())
                    .send(body))
        .compose(response -> response.body().map(response.statusCode()))
        .onComplete(
            done -> {
              synchronized (lock) {
                if (done.succeeded() && done.result() / 100 == 2) {
                  feedbackSent++;
                } else {
                  feedbackRefused++;
                }
              }
            });
  }

  private static RequestOptions options(URI router, String path) {
    int port =
        router.getPort() < 0 ? (router.getScheme().equals("https") ? 443 : 80) : router.getPort();
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setSsl(router.getScheme().equals("https"))
        .setHost(router.getHost())
        .setPort(port)
        .setURI((router.getPath() == null ? "" : router.getPath().replaceAll("/$", "")) + path);
  }

  /** One request on its way; lives on the event loop. */
  private final class Exchange {
    private final PlannedRequest request;
    private final URI router;
    private final long lateMicros;
    private final long startedNanos = System.nanoTime();
    private final long startedAt = time.millis();
    private final AnswerCheck check;
    private long timer;
    private boolean over;
    private boolean expired;
    private @Nullable HttpClientRequest http;
    private @Nullable HttpClientResponse response;
    private @Nullable Long ttft;

    Exchange(PlannedRequest request, URI router, long lateMicros) {
      this.request = request;
      this.router = router;
      this.lateMicros = lateMicros;
      this.check = new AnswerCheck(request.chat(), request.streamed(), request.withUsage());
    }

    void begin() {
      timer = vertx.setTimer(settings.deadline().toMillis(), _ -> expire());
      client
          .request(options(router, request.chat() ? "/v1/chat/completions" : "/v1/completions"))
          .onComplete(
              connected -> {
                if (connected.succeeded()) {
                  write(connected.result());
                } else {
                  end(ClientOutcome.NEVER_CONNECTED, String.valueOf(connected.cause()));
                }
              });
    }

    private void write(HttpClientRequest connected) {
      http = connected;
      if (over) {
        connected.reset();
        return;
      }
      connected
          .putHeader("content-type", "application/json")
          .putHeader("x-client-request-id", request.id())
          .putHeader("x-user-id", request.user());
      String conversation = request.conversation();
      if (conversation != null) {
        connected.putHeader("x-conversation-id", conversation);
      }
      Future<HttpClientResponse> answer =
          connected.send(Buffer.buffer(RequestBody.write(settings.model(), request)));
      answer.onComplete(
          arrived -> {
            if (arrived.succeeded()) {
              read(arrived.result());
            } else {
              end(
                  expired ? ClientOutcome.TIMEOUT : ClientOutcome.LOST,
                  String.valueOf(arrived.cause()));
            }
          });
    }

    private void read(HttpClientResponse arrived) {
      response = arrived;
      boolean good = arrived.statusCode() / 100 == 2;
      arrived.handler(
          bytes -> {
            if (ttft == null) {
              ttft = micros();
            }
            if (good) {
              check.feed(bytes.getBytes());
            }
          });
      arrived.exceptionHandler(
          cause -> end(expired ? ClientOutcome.TIMEOUT : ClientOutcome.CUT, String.valueOf(cause)));
      arrived.endHandler(
          _ -> {
            if (good) {
              AnswerCheck.Finding finding = check.finish();
              end(finding.outcome(), finding.detail());
            } else {
              end(ClientOutcome.HTTP_ERROR, "status " + arrived.statusCode());
            }
          });
    }

    private void expire() {
      expired = true;
      HttpClientRequest sent = http;
      if (sent != null) {
        sent.reset();
      }
      end(ClientOutcome.TIMEOUT, "no end within " + settings.deadline().toMillis() + " ms");
    }

    private void end(ClientOutcome outcome, @Nullable String detail) {
      if (over) {
        return;
      }
      over = true;
      vertx.cancelTimer(timer);
      HttpClientResponse answer = response;
      ended(
          new RequestResult(
              request.id(),
              request.streamed(),
              startedAt,
              lateMicros,
              answer == null ? null : answer.getHeader("x-request-id"),
              answer == null ? null : answer.statusCode(),
              ttft,
              micros(),
              outcome,
              detail),
          request,
          router,
          Disliked.marked(check.id()));
    }

    private long micros() {
      return TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startedNanos);
    }
  }
}
