package io.serin.worker;

import io.serin.openai.Answer;
import io.serin.openai.AnswerReader;
import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.openai.Usage;
import io.serin.refusals.Refusal;
import io.serin.refusals.RefusalDetector;
import io.serin.schemas.Deadlines;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.VariantTarget;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a model once and measures it as the router does: the wait for the first content of a stream
 * or the first byte of a body, the whole time, and what the answer was. Tool calls in an answer are
 * text like any other: nothing is executed. For virtual threads: calls block. Thread-safe.
 */
final class ModelCaller implements AutoCloseable {
  /** An error's body is read so far, so that its connection can be used again. */
  private static final int ERROR_BODY_BYTES = 64 * 1024;

  /** A stream that said that it is whole may still send its usage, and then [DONE]. */
  private static final long AFTER_THE_END_NANOS = 500_000_000L;

  private final Credentials credentials;
  private final RefusalDetector refusals = new RefusalDetector();
  private final Map<Integer, HttpClient> clients = new ConcurrentHashMap<>();

  ModelCaller(Credentials credentials) {
    this.credentials = credentials;
  }

  /** Where secrets are read. */
  Credentials credentials() {
    return credentials;
  }

  /**
   * Whether a call could be made now: there is a credential, and a server accepts a connection.
   * Costs no call.
   *
   * @throws UnreachableException where it could not
   */
  void probe(VariantTarget target, CompletionRequest request, Deadlines deadlines)
      throws UnreachableException {
    UnreachableException none = null;
    for (String server : servers(target, request)) {
      try {
        connect(request(target, server, request, BodyPatch.NONE).uri(), deadlines);
        return;
      } catch (UnreachableException e) {
        none = e;
      }
    }
    if (none != null) {
      throw none;
    }
  }

  private static void connect(URI uri, Deadlines deadlines) throws UnreachableException {
    int port = uri.getPort() > 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(uri.getHost(), port), Math.max(1, deadlines.getConnect()));
    } catch (IOException e) {
      throw new UnreachableException("no connection: " + e.getClass().getSimpleName());
    }
  }

  /**
   * One attempt, at the server that prompts which begin alike go to; where that accepts no
   * connection, at the next.
   *
   * @param force merged into the body after what the variant adds
   * @throws UnreachableException where no connection was made, or none could be tried
   */
  ModelAttempt call(
      VariantTarget target, CompletionRequest request, BodyPatch force, Deadlines deadlines)
      throws UnreachableException, InterruptedException {
    UnreachableException none = null;
    for (String server : servers(target, request)) {
      try {
        return call(request(target, server, request, force), request, deadlines);
      } catch (UnreachableException e) {
        none = e;
      }
    }
    throw none == null ? new UnreachableException("there is no server") : none;
  }

  /** All servers of a variant, the request's own first. */
  private static List<String> servers(VariantTarget target, CompletionRequest request) {
    List<String> servers = new ArrayList<>();
    servers.add(target.getUrl());
    servers.addAll(target.getMoreUrls());
    if (servers.size() > 1) {
      long spread = request.affinity() * 0x9E3779B97F4A7C15L;
      Collections.rotate(servers, -(int) Long.remainderUnsigned(spread >>> 32, servers.size()));
    }
    return servers;
  }

  private ModelAttempt call(HttpRequest http, CompletionRequest request, Deadlines deadlines)
      throws UnreachableException, InterruptedException {
    HttpClient client = client(deadlines.getConnect());
    Clock clock = new Clock(System.nanoTime(), deadlines);
    CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> pending =
        client.sendAsync(http, BodyHandlers.ofPublisher());
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response;
    try {
      response = pending.get(clock.untilFirstByte(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      pending.cancel(true);
      return ModelAttempt.without(Outcome.TIMEOUT, clock.micros());
    } catch (InterruptedException e) {
      pending.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      return lost(e.getCause(), clock);
    }
    BodyPipe pipe = new BodyPipe();
    response.body().subscribe(pipe);
    try {
      return read(response, pipe, request, clock);
    } finally {
      pipe.cancel();
    }
  }

  @Override
  public void close() {
    clients.values().forEach(HttpClient::shutdownNow);
  }

  private ModelAttempt read(
      HttpResponse<?> response, BodyPipe pipe, CompletionRequest request, Clock clock)
      throws InterruptedException {
    boolean success = response.statusCode() / 100 == 2;
    String type = response.headers().firstValue("content-type").orElse(null);
    AnswerReader reader =
        (success ? AnswerReader.ofContentType(type) : AnswerReader.ofBody()).keepToolCalls();
    long bytes = 0;
    long headersAt = clock.micros();
    long lastByteAt = 0;
    Long ttft = null;
    Outcome broken = null;
    while (true) {
      boolean whole = success && reader.streamed() && reader.ended();
      byte[] chunk;
      try {
        chunk = pipe.next(whole ? AFTER_THE_END_NANOS : clock.untilNextByte(bytes > 0));
      } catch (TimeoutException e) {
        broken = whole ? null : Outcome.TIMEOUT;
        break;
      } catch (IOException e) {
        broken = whole ? null : Outcome.CUT;
        break;
      }
      if (chunk == null) {
        break;
      }
      bytes += chunk.length;
      lastByteAt = clock.micros();
      if (success) {
        reader.feed(chunk);
      } else if (bytes > ERROR_BODY_BYTES) {
        break;
      }
      if (ttft == null && bytes > 0 && (!reader.streamed() || reader.hasContent())) {
        ttft = lastByteAt;
      }
    }
    long duration = success && broken == null ? Math.max(lastByteAt, headersAt) : clock.micros();
    if (!success) {
      Measurement failed =
          Measurement.newBuilder()
              .setOutcome(broken == Outcome.TIMEOUT ? Outcome.TIMEOUT : Outcome.HTTP_ERROR)
              .setStatus(response.statusCode())
              .setDurationMicros(duration)
              .setResponseBytes(bytes)
              .build();
      return ModelAttempt.ofStatus(failed, retryAfter(response));
    }
    Answer answer = reader.finish();
    Outcome outcome = broken != null ? broken : outcome(answer, request, reader, bytes);
    return new ModelAttempt(
        measurement(answer, outcome, response.statusCode(), ttft, duration, bytes),
        outcome == Outcome.OK ? answer.text() : null,
        outcome == Outcome.OK ? reader.toolCalls() : null,
        ModelAttempt.Kind.ANSWERED,
        Duration.ZERO);
  }

  private static Outcome outcome(
      Answer answer, CompletionRequest request, AnswerReader reader, long bytes) {
    if (bytes == 0) {
      return Outcome.EMPTY;
    }
    if (request.stream() != reader.streamed()) {
      return Outcome.MALFORMED;
    }
    return switch (answer.state()) {
      case OK -> Outcome.OK;
      case EMPTY -> Outcome.EMPTY;
      case MALFORMED -> Outcome.MALFORMED;
      case CUT, ERROR -> reader.streamed() ? Outcome.CUT : Outcome.MALFORMED;
    };
  }

  private Measurement measurement(
      Answer answer, Outcome outcome, int status, @Nullable Long ttft, long duration, long bytes) {
    Usage usage = answer.usage();
    Refusal refusal = outcome == Outcome.OK ? refusals.judge(answer) : null;
    return Measurement.newBuilder()
        .setOutcome(outcome)
        .setStatus(status)
        .setTtftMicros(ttft)
        .setDurationMicros(duration)
        .setPromptTokens(usage.prompt())
        .setCompletionTokens(usage.completion())
        .setReasoningTokens(usage.reasoning())
        .setCachedTokens(usage.cached())
        .setFinishReason(answer.finishReason())
        .setRefusal(refusal == null ? null : refusal == Refusal.FULL)
        .setResponseBytes(bytes)
        .build();
  }

  private HttpRequest request(
      VariantTarget target, String server, CompletionRequest request, BodyPatch force)
      throws UnreachableException {
    try {
      BodyPatch extra =
          target.getExtraBody() == null ? BodyPatch.NONE : BodyPatch.parse(target.getExtraBody());
      HttpRequest.Builder http =
          HttpRequest.newBuilder(URI.create(withoutSlash(server) + request.endpoint().path()))
              .header("content-type", "application/json")
              .header("accept", request.stream() ? "text/event-stream" : "application/json");
      target.getHeaders().forEach(http::setHeader);
      String token = credentials.token(target.getCredential());
      String own = target.getCredentialHeader();
      if (token != null && own != null && !own.isBlank()) {
        http.setHeader(own, token);
      } else if (token != null) {
        http.setHeader("authorization", "Bearer " + token);
      }
      byte[] body = request.forVariant(target.getModel(), extra.then(force), true);
      return http.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
    } catch (IllegalArgumentException e) {
      throw new UnreachableException(
          "variant \"" + target.getName() + "\" cannot be called: " + e.getMessage());
    }
  }

  private static ModelAttempt lost(@Nullable Throwable cause, Clock clock)
      throws UnreachableException {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof ConnectException
          || each instanceof HttpConnectTimeoutException
          || each instanceof UnresolvedAddressException) {
        throw new UnreachableException("no connection: " + each.getClass().getSimpleName());
      }
    }
    return ModelAttempt.without(Outcome.CONNECT_ERROR, clock.micros());
  }

  private static Duration retryAfter(HttpResponse<?> response) {
    String value = response.headers().firstValue("retry-after").orElse("");
    return value.matches("\\d{1,5}") ? Duration.ofSeconds(Long.parseLong(value)) : Duration.ZERO;
  }

  private HttpClient client(int connectMillis) {
    return clients.computeIfAbsent(
        connectMillis,
        millis ->
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofMillis(Math.max(1, millis)))
                .build());
  }

  private static String withoutSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /** The deadlines of one attempt, against a monotonic clock. A deadline of 0 is none. */
  private record Clock(long startNanos, Deadlines deadlines) {
    long micros() {
      return (System.nanoTime() - startNanos) / 1_000;
    }

    long untilFirstByte() {
      return Math.min(left(deadlines.getFirstByte()), left(deadlines.getTotal()));
    }

    long untilNextByte(boolean begun) {
      return begun
          ? Math.min(nanos(deadlines.getIdle()), left(deadlines.getTotal()))
          : untilFirstByte();
    }

    private long left(int millis) {
      return Math.max(0, nanos(millis) - (System.nanoTime() - startNanos));
    }

    private static long nanos(int millis) {
      return millis <= 0 ? Long.MAX_VALUE / 2 : millis * 1_000_000L;
    }
  }
}
