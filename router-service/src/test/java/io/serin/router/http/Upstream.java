package io.serin.router.http;

import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A model server that does as it is told. */
final class Upstream implements AutoCloseable {

  /** What the server does with a request whose body it has read. */
  @FunctionalInterface
  interface Behaviour {
    void answer(HttpServerRequest request);
  }

  /** A request as received. */
  record Received(String path, MultiMap headers, String body) {}

  static final String CHUNK =
      "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}],\"usage\":null}\n\n";
  static final String ROLE =
      "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],\"usage\":null}\n\n";
  static final String STOP =
      "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n";
  static final String USAGE =
      "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10,\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\n";
  static final String DONE = "data: [DONE]\n\n";

  private final HttpServer server;
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final AtomicInteger resets = new AtomicInteger();
  private final CountDownLatch firstReset = new CountDownLatch(1);
  private volatile Behaviour behaviour = text("hello");

  Upstream(Vertx vertx) {
    server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  request.response().exceptionHandler(failure -> reset());
                  request
                      .body()
                      .onSuccess(
                          body -> {
                            received.add(
                                new Received(request.uri(), request.headers(), body.toString()));
                            behaviour.answer(request);
                          });
                })
            .listen(0, "127.0.0.1")
            .await();
  }

  Upstream does(Behaviour next) {
    behaviour = next;
    return this;
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort() + "/v1";
  }

  List<Received> received() {
    return List.copyOf(received);
  }

  boolean sawReset() {
    try {
      return firstReset.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.close().await();
  }

  private void reset() {
    resets.incrementAndGet();
    firstReset.countDown();
  }

  /** A chat completion with this text. */
  static Behaviour text(String text) {
    return json(
        200,
        "{\"id\":\"c\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
            + text
            + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}");
  }

  static Behaviour json(int status, String body) {
    return request ->
        request
            .response()
            .setStatusCode(status)
            .putHeader("content-type", "application/json")
            .putHeader("x-request-id", "upstream-1")
            .putHeader("connection", "keep-alive, x-secret-hop")
            .putHeader("x-secret-hop", "no")
            .end(body);
  }

  static Behaviour plain(int status, String body) {
    return request ->
        request.response().setStatusCode(status).putHeader("content-type", "text/html").end(body);
  }

  /** A whole stream: role, one chunk for each word, stop, usage where asked for, and [DONE]. */
  static Behaviour stream(String... words) {
    return request -> {
      HttpServerResponse response = sse(request);
      response.write(ROLE);
      for (String word : words) {
        response.write(CHUNK.formatted(word));
      }
      response.write(STOP);
      response.write(USAGE);
      response.end(DONE);
    };
  }

  /** These bytes as an event stream, ended cleanly. */
  static Behaviour events(String... events) {
    return request -> {
      HttpServerResponse response = sse(request);
      for (String event : events) {
        response.write(event);
      }
      response.end();
    };
  }

  /** These bytes as an event stream, then a lost connection. */
  static Behaviour cutAfter(String... events) {
    return request -> {
      HttpServerResponse response = sse(request);
      Buffer all = Buffer.buffer();
      for (String event : events) {
        all.appendString(event);
      }
      response.write(all).onComplete(written -> request.connection().close());
    };
  }

  /** These bytes as an event stream, then silence. */
  static Behaviour stallAfter(String... events) {
    return request -> {
      HttpServerResponse response = sse(request);
      for (String event : events) {
        response.write(event);
      }
    };
  }

  static Behaviour hang() {
    return request -> {};
  }

  static Behaviour drop() {
    return request -> request.connection().close();
  }

  static Behaviour then(Handler<HttpServerRequest> handler) {
    return handler::handle;
  }

  static HttpServerResponse sse(HttpServerRequest request) {
    return request.response().putHeader("content-type", "text/event-stream").setChunked(true);
  }
}
