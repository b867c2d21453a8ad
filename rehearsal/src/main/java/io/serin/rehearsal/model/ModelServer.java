package io.serin.rehearsal.model;

import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.openai.answer.AnswerWriter;
import io.serin.rehearsal.fault.FaultPlan;
import io.serin.rehearsal.fault.Injection;
import io.serin.rehearsal.recorded.RecordedAnswers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of OpenAI's API (chat completions, completions, models; streamed and not) that answers
 * as recorded, as slowly as asked, and goes wrong when told. A prompt that was not recorded gets
 * the answer of another, always the same one. Beside the API: {@code POST /admin/arm} starts the
 * clock of the faults, {@code POST /admin/arm?stage=NAME} that of a stage, {@code GET /admin/stats}
 * tells the tally, {@code GET /health/ready} answers 200. Bodies of more than 16 MiB are refused.
 * Listens on loopback unless told otherwise; everything happens on one event loop.
 */
public final class ModelServer {

  private static final Logger LOG = LoggerFactory.getLogger(ModelServer.class);
  private static final byte[] NOTHING = {};
  private static final int MAX_BODY = 16 * 1024 * 1024;

  private final Vertx vertx;
  private final ModelSettings settings;
  private final RecordedAnswers recorded;
  private final FaultPlan faults;
  private final FaultClock clock;
  private final InstantSource time;
  private final Consumer<GivenAnswer> listener;
  private final AnswerTally tally = new AnswerTally();
  private final SplittableRandom random;
  private final PrefixCache cache;
  private final HttpServer server;
  private long served;

  /**
   * Not listening yet.
   *
   * @param listener told of every answer, on the event loop: must not block
   */
  public ModelServer(
      Vertx vertx,
      ModelSettings settings,
      RecordedAnswers recorded,
      FaultPlan faults,
      FaultClock clock,
      InstantSource time,
      Consumer<GivenAnswer> listener) {
    this.vertx = vertx;
    this.settings = settings;
    this.recorded = recorded;
    this.faults = faults;
    this.clock = clock;
    this.time = time;
    this.listener = listener;
    this.random = new SplittableRandom(settings.seed() ^ settings.name().hashCode());
    this.cache = new PrefixCache(settings.cache());
    this.server =
        vertx.createHttpServer(new HttpServerOptions().setTcpNoDelay(true).setIdleTimeout(0));
  }

  /** Listens; 0 lets the system choose the port. Fails where the port is taken. */
  public Future<Integer> listen(String host, int port) {
    // A client that leaves is no news.
    server.connectionHandler(connection -> connection.exceptionHandler(_ -> {}));
    return server.requestHandler(this::handle).listen(port, host).map(HttpServer::actualPort);
  }

  /** Stops listening and drops what is open. */
  public Future<Void> close() {
    return server.close();
  }

  /** What it said so far. */
  public AnswerTally.Snapshot tally() {
    return tally.snapshot();
  }

  private void handle(HttpServerRequest request) {
    switch (request.method() + " " + request.path()) {
      case "POST /v1/chat/completions" -> complete(request, Endpoint.CHAT_COMPLETIONS);
      case "POST /v1/completions" -> complete(request, Endpoint.COMPLETIONS);
      case "GET /v1/models" ->
          json(request, 200, ModelsJson.write(settings.name(), time.instant().getEpochSecond()));
      case "POST /admin/arm" -> {
        String stage = request.getParam("stage");
        if (stage == null) {
          clock.start();
        } else {
          clock.stage(stage);
        }
        json(request, 200, Buffer.buffer("{\"armed\":true}"));
      }
      case "GET /admin/stats" ->
          json(request, 200, Buffer.buffer(TallyJson.write(settings.name(), tally.snapshot())));
      case "GET /health/ready" -> json(request, 200, Buffer.buffer("{\"status\":\"UP\"}"));
      default ->
          error(
              request,
              new OpenAiError(
                  "Unknown request URL: " + request.method() + " " + request.path(),
                  "invalid_request_error",
                  null,
                  "unknown_url",
                  404));
    }
  }

  private void complete(HttpServerRequest request, Endpoint endpoint) {
    Buffer body = Buffer.buffer();
    request.handler(
        part -> {
          if (body.length() + part.length() <= MAX_BODY) {
            body.appendBuffer(part);
          } else if (!request.response().ended()) {
            error(request, OpenAiError.tooLarge(MAX_BODY));
          }
        });
    request.endHandler(
        _ -> {
          if (!request.response().ended()) {
            answer(request, endpoint, body);
          }
        });
    request.exceptionHandler(_ -> {});
  }

  private void answer(HttpServerRequest http, Endpoint endpoint, Buffer body) {
    ModelRequest request;
    try {
      request = ModelRequest.parse(endpoint, body.getBytes());
    } catch (OpenAiException e) {
      error(http, e.error());
      return;
    }
    clock.request();
    Injection drawn = faults.draw(clock, random);
    Injection injection =
        drawn.brokenJson() && !ModelAnswer.isJson(request, recorded)
            ? drawn.withoutBrokenJson()
            : drawn;
    long ttft = settings.latency().sampleNanos(random);
    List<String> prompt = Tokens.split(request.context());
    int cached = cache.use(prompt, time.millis());
    double cachedShare = prompt.isEmpty() ? 0 : (double) cached / prompt.size();
    double factor = injection.slow() * (1 - cachedShare * (1 - settings.cache().hitFactor()));
    long ttftNanos = Math.round(ttft * factor);
    if (injection.hang()) {
      tell(http, request, injection);
      return;
    }
    ModelAnswer answer = ModelAnswer.of(request, recorded, injection, prompt.size(), cached);
    served++;
    AnswerWriter writer =
        new AnswerWriter(
            endpoint,
            Disliked.id(
                (endpoint == Endpoint.CHAT_COMPLETIONS ? "chatcmpl-" : "cmpl-")
                    + settings.name()
                    + "-"
                    + served,
                injection.disliked()),
            time.instant().getEpochSecond(),
            request.model());
    if (injection.error()) {
      later(ttftNanos, () -> fail(http, request, injection));
    } else if (request.streamed()) {
      later(ttftNanos, () -> stream(http, request, injection, answer, writer));
    } else {
      long nanos = ttftNanos + Math.round(answer.tokens().size() * nanosPerToken(injection));
      later(nanos, () -> whole(http, request, injection, answer, writer));
    }
  }

  private void fail(HttpServerRequest http, ModelRequest request, Injection injection) {
    tell(http, request, injection);
    error(
        http,
        OpenAiError.server(
            500,
            "The server had an error while processing your request (rehearsed fault).",
            "rehearsed_fault"));
  }

  private void whole(
      HttpServerRequest http,
      ModelRequest request,
      Injection injection,
      ModelAnswer answer,
      AnswerWriter writer) {
    tell(http, request, injection);
    Buffer body =
        Buffer.buffer(
            writer.body(
                answer.text(), answer.finishReason(), answer.usage(settings.cache().reported())));
    if (injection.cut() && !http.response().closed()) {
      HttpServerResponse response = http.response().putHeader("content-type", "application/json");
      response.putHeader("content-length", String.valueOf(body.length()));
      response.write(body.getBuffer(0, body.length() / 2)).onComplete(_ -> response.reset());
      return;
    }
    json(http, 200, body);
  }

  private void stream(
      HttpServerRequest http,
      ModelRequest request,
      Injection injection,
      ModelAnswer answer,
      AnswerWriter writer) {
    tell(http, request, injection);
    HttpServerResponse response = http.response();
    if (response.closed()) {
      return;
    }
    response.setChunked(true).putHeader("content-type", "text/event-stream; charset=utf-8");
    response.putHeader("cache-control", "no-cache");
    int size = answer.tokens().size();
    int stop = injection.cut() ? Math.max(1, size / 2) : size;
    new Stream(http, request, injection, answer, writer, Math.min(stop, size)).next(0);
  }

  /** One stream on its way. */
  private final class Stream {
    private final HttpServerResponse response;
    private final ModelRequest request;
    private final Injection injection;
    private final ModelAnswer answer;
    private final AnswerWriter writer;
    private final int stop;

    Stream(
        HttpServerRequest http,
        ModelRequest request,
        Injection injection,
        ModelAnswer answer,
        AnswerWriter writer,
        int stop) {
      this.response = http.response();
      this.request = request;
      this.injection = injection;
      this.answer = answer;
      this.writer = writer;
      this.stop = stop;
    }

    /**
     * Writes from this token on: all at once where there is no limit of speed, else one event and
     * the next later.
     */
    void next(int from) {
      if (response.closed()) {
        return;
      }
      double nanosPerToken = nanosPerToken(injection);
      Buffer out = Buffer.buffer(from == 0 ? writer.firstEvent() : NOTHING);
      int position = from;
      do {
        int to = Math.min(stop, position + settings.tokensPerChunk());
        if (to > position) {
          out.appendBytes(writer.textEvent(String.join("", answer.tokens().subList(position, to))));
        }
        position = to;
      } while (nanosPerToken == 0 && position < stop);
      if (position < stop) {
        int reached = position;
        response.write(out);
        later(Math.round((reached - from) * nanosPerToken), () -> next(reached));
        return;
      }
      if (injection.cut()) {
        response.write(out).onComplete(_ -> response.reset());
        return;
      }
      out.appendBytes(writer.finishEvent(answer.finishReason()));
      if (request.includeUsage()) {
        out.appendBytes(writer.usageEvent(answer.usage(settings.cache().reported())));
      }
      response.end(out.appendBytes(AnswerWriter.doneEvent()));
    }
  }

  private double nanosPerToken(Injection injection) {
    return settings.tokensPerSecond() == 0
        ? 0
        : injection.slow() * 1e9 / settings.tokensPerSecond();
  }

  private void later(long nanos, Runnable action) {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos + 500_000);
    if (millis < 1) {
      action.run();
    } else {
      vertx.setTimer(millis, _ -> action.run());
    }
  }

  private void tell(HttpServerRequest http, ModelRequest request, Injection injection) {
    Instant now = time.instant();
    GivenAnswer told =
        new GivenAnswer(
            settings.name(),
            now,
            request.streamed(),
            injection.kinds(),
            http.getHeader("x-client-request-id"));
    if (told.bad() && tally.snapshot().firstBad() == null) {
      LOG.atInfo()
          .addKeyValue("variant", settings.name())
          .addKeyValue("kinds", injection.kinds())
          .log("first bad answer");
    }
    tally.accept(told);
    listener.accept(told);
  }

  private static void error(HttpServerRequest request, OpenAiError error) {
    json(request, error.status(), Buffer.buffer(error.toJson()));
  }

  private static void json(HttpServerRequest request, int status, Buffer body) {
    HttpServerResponse response = request.response();
    if (!response.closed()) {
      response.setStatusCode(status).putHeader("content-type", "application/json").end(body);
    }
  }
}
