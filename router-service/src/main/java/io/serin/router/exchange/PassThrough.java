package io.serin.router.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import io.serin.modelcalls.Address;
import io.serin.modelcalls.Pool;
import io.serin.modelcalls.Server;
import io.serin.openai.AnswerReader;
import io.serin.openai.OpenAiError;
import io.serin.openai.ResponseIdFilter;
import io.serin.openai.SseReader;
import io.serin.router.attempt.Route;
import io.serin.router.http.Headers;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Variant;
import io.serin.schemas.Deadlines;
import io.serin.schemas.Outcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request that no evidence is about: handed to one variant and back as it is, both bodies as they
 * come, with the variant's credential and within its deadlines. Requests are not retried. Ids of
 * stored responses are made the router's own where the caller says so.
 *
 * <p>Lives on one event loop.
 */
public final class PassThrough {

  private static final long NO_TIMER = -1;

  private final PassThroughs loop;
  private final HttpServerRequest http;
  private final HttpServerResponse response;
  private final Variant variant;
  private final Server server;
  private final Pool pool;
  private final Deadlines deadlines;
  private final HttpHeaders passing;
  private final @Nullable ResponseIdFilter ids;
  private @Nullable HttpClientRequest request;
  private long timer = NO_TIMER;
  private int status;
  private boolean over;

  private PassThrough(
      PassThroughs loop,
      HttpServerRequest http,
      Variant variant,
      Pool pool,
      Server server,
      Deadlines deadlines,
      @Nullable ResponseIdFilter ids) {
    this.loop = loop;
    this.http = http;
    this.response = http.response();
    this.variant = variant;
    this.pool = pool;
    this.server = server;
    this.deadlines = deadlines;
    this.passing = Headers.ofClient(http.headers());
    this.ids = ids;
  }

  /**
   * Hands a request on.
   *
   * @param holder the origin of the only server that can answer; null where any can
   * @param path below the variant's base path; the client's query is added
   * @param ids makes ids of stored responses the router's own; null leaves bodies as they are
   */
  public static void start(
      PassThroughs loop,
      HttpServerRequest http,
      Rollout rollout,
      Variant variant,
      @Nullable String holder,
      String path,
      @Nullable ResponseIdFilter ids) {
    Pool pool = loop.backends().of(rollout.name(), variant);
    Route route = new Route(rollout.name(), variant.name(), pool, 0, holder);
    Server server = route.first(loop.nanoTime());
    if (server == null) {
      throw new IllegalStateException("a variant without a server");
    }
    PassThrough made =
        new PassThrough(loop, http, variant, pool, server, rollout.command().getDeadlines(), ids);
    try {
      made.call(http.query() == null ? path : path + "?" + http.query());
    } catch (RuntimeException e) {
      made.failed(e);
    }
  }

  private void call(String path) {
    http.pause();
    loop.metrics().requestBegan();
    pool.enterAnyway();
    server.began(loop.nanoTime());
    response.exceptionHandler(failure -> clientLeft());
    response.closeHandler(closed -> clientLeft());
    arm(deadlines.getFirstByte());
    Address address = server.address();
    loop.client()
        .request(
            new RequestOptions()
                .setMethod(http.method())
                .setHost(address.host())
                .setPort(address.port())
                .setSsl(address.tls())
                .setURI(address.target(path))
                .setConnectTimeout(deadlines.getConnect()))
        .onComplete(this::connected, this::failed);
  }

  private void connected(HttpClientRequest connected) {
    if (over) {
      connected.reset();
      return;
    }
    try {
      send(connected);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void send(HttpClientRequest connected) {
    request = connected;
    Headers.toVariant(passing, variant)
        .forEach(header -> connected.headers().add(header.getKey(), header.getValue()));
    connected.response().onComplete(this::answered, this::failed);
    if (hasBody()) {
      // Still there where the body comes as the client sent it: some servers read no chunks.
      String length = http.getHeader("content-length");
      if (length == null) {
        connected.setChunked(true);
      } else {
        connected.putHeader("content-length", length.strip());
      }
      http.pipeTo(connected).onFailure(this::failed);
    } else {
      connected.end();
    }
  }

  private boolean hasBody() {
    String length = http.getHeader("content-length");
    return http.headers().contains("transfer-encoding")
        || (length != null && !length.strip().equals("0"));
  }

  private void answered(HttpClientResponse answer) {
    if (over) {
      return;
    }
    try {
      passOn(answer);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void passOn(HttpClientResponse answer) {
    status = answer.statusCode();
    arm(deadlines.getTotal());
    response.setStatusCode(status);
    Headers.toClient(answer.headers(), response.headers());
    String id = answer.getHeader(Headers.REQUEST_ID);
    if (id != null) {
      // No id of the router's stands for this request: the variant's own is the better one.
      response.putHeader(Headers.REQUEST_ID, id);
    }
    String type = answer.getHeader(Headers.CONTENT_TYPE);
    ResponseIdFilter names = ids;
    Future<Void> handedOver;
    if (names != null && AnswerReader.isEventStream(type)) {
      handedOver = events(answer, names);
    } else if (names != null && type != null && type.toLowerCase(Locale.ROOT).contains("json")) {
      handedOver =
          answer.body().compose(body -> response.end(Buffer.buffer(names.body(body.getBytes()))));
    } else {
      // Its length is not known in advance: it may have been compressed on its way.
      response.setChunked(true);
      handedOver = answer.pipeTo(response);
    }
    handedOver.onComplete(done -> end(true), this::failed);
  }

  private Future<Void> events(HttpClientResponse answer, ResponseIdFilter names) {
    SseReader reader = new SseReader();
    response.setChunked(true);
    answer.handler(
        bytes -> {
          Buffer out = Buffer.buffer();
          reader.feed(bytes.getBytes(), event -> names.pass(event, out::appendBytes));
          if (out.length() > 0) {
            response.write(out);
          }
          if (response.writeQueueFull()) {
            answer.pause();
            response.drainHandler(drained -> answer.resume());
          }
        });
    return answer
        .end()
        .compose(
            ended -> {
              Buffer out = Buffer.buffer();
              reader.finish(event -> names.pass(event, out::appendBytes));
              return response.end(out);
            });
  }

  private void failed(Throwable failure) {
    if (over) {
      return;
    }
    end(false);
    if (response.headWritten()) {
      http.connection().close();
    } else {
      OpenAiError error =
          OpenAiError.server(502, "The model cannot be reached.", "upstream_unreachable");
      answer(error);
    }
  }

  private void answer(OpenAiError error) {
    // Whatever is left of the request's body is not read: the connection cannot be used again.
    response.headers().set("connection", "close");
    response
        .setStatusCode(error.status())
        .putHeader(Headers.CONTENT_TYPE, Headers.JSON)
        .end(Buffer.buffer(error.toJson()))
        .onComplete(sent -> http.connection().close());
  }

  private void timedOut() {
    timer = NO_TIMER;
    if (over) {
      return;
    }
    end(false);
    if (response.headWritten()) {
      http.connection().close();
    } else {
      answer(OpenAiError.server(504, "The model did not answer in time.", "upstream_timeout"));
    }
  }

  private void clientLeft() {
    if (!over) {
      over = true;
      release(false, true);
    }
  }

  private void end(boolean well) {
    if (!over) {
      over = true;
      release(well, false);
    }
  }

  private void release(boolean well, boolean abandoned) {
    if (timer != NO_TIMER) {
      loop.vertx().cancelTimer(timer);
      timer = NO_TIMER;
    }
    HttpClientRequest sent = request;
    if (!well && sent != null) {
      sent.reset();
    }
    Outcome outcome =
        abandoned
            ? Outcome.CANCELLED
            : !well ? Outcome.CUT : status >= 400 ? Outcome.HTTP_ERROR : Outcome.OK;
    server.ended(outcome, status, loop.nanoTime());
    pool.leave();
    loop.metrics().requestEnded();
  }

  private void arm(long millis) {
    if (timer != NO_TIMER) {
      loop.vertx().cancelTimer(timer);
    }
    timer = loop.vertx().setTimer(Math.max(1, millis), id -> timedOut());
  }
}
