package io.serin.router.http;

import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.router.feedback.FeedbackException;
import io.serin.router.rollout.Rollout;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends each request of one event loop where it belongs, and maps every failure before an exchange
 * to an answer.
 */
final class Dispatcher {

  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final int MAX_FEEDBACK_BYTES = 64 << 10;

  private final Loop loop;
  private final FeedbackApi feedback;
  private final LastRequests last = new LastRequests();

  Dispatcher(Loop loop, FeedbackApi feedback) {
    this.loop = loop;
    this.feedback = feedback;
  }

  void handle(HttpServerRequest http) {
    if (!last.admits(http)) {
      return;
    }
    try {
      dispatch(http);
    } catch (RuntimeException e) {
      refuse(http, e);
    }
  }

  private void dispatch(HttpServerRequest http) {
    String path = http.path() == null ? "" : http.path();
    Endpoint endpoint = Endpoint.ofPath(path);
    if (endpoint == Endpoint.CHAT_COMPLETIONS || endpoint == Endpoint.COMPLETIONS) {
      require(http, HttpMethod.POST);
      BodyReader.read(http, loop.settings().maxRequestBytes())
          .onComplete(
              body -> guarded(http, () -> complete(http, endpoint, body)),
              failure -> refuse(http, failure));
    } else if (path.equals("/v1/models") || path.startsWith("/v1/models/")) {
      require(http, HttpMethod.GET);
      send(http.response(), 200, models(path));
    } else if (path.equals("/v1/feedback")) {
      require(http, HttpMethod.POST);
      BodyReader.read(http, MAX_FEEDBACK_BYTES)
          .onComplete(
              body -> guarded(http, () -> send(http.response(), 202, feedback.take(body))),
              failure -> refuse(http, failure));
    } else {
      throw new OpenAiException(
          new OpenAiError(
              "Unknown request URL: " + http.method() + " " + path + ".",
              "invalid_request_error",
              null,
              "unknown_url",
              404));
    }
  }

  private void complete(HttpServerRequest http, Endpoint endpoint, byte[] body) {
    long startedNanos = loop.nanoTime();
    CompletionRequest request = CompletionRequest.read(endpoint, body);
    Exchange.start(loop, http, request, rollout(request.model()), startedNanos);
  }

  private Rollout rollout(String model) {
    Rollout rollout = loop.table().rollout(model);
    if (rollout != null) {
      return rollout;
    }
    if (loop.table().all().isEmpty()) {
      throw new OpenAiException(
          OpenAiError.server(503, "This router has no rollout yet.", "no_rollout"));
    }
    throw new OpenAiException(OpenAiError.modelNotFound(model));
  }

  private byte[] models(String path) {
    if (path.equals("/v1/models")) {
      return ModelList.all(loop.table());
    }
    return ModelList.one(rollout(path.substring("/v1/models/".length())));
  }

  private static void require(HttpServerRequest http, HttpMethod method) {
    if (!http.method().equals(method)) {
      throw new OpenAiException(
          new OpenAiError(
              "Not allowed to " + http.method() + " on " + http.path() + ".",
              "invalid_request_error",
              null,
              "method_not_supported",
              405));
    }
  }

  private void guarded(HttpServerRequest http, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      refuse(http, e);
    }
  }

  /** The one place where a failure becomes an answer of the router's own. */
  private void refuse(HttpServerRequest http, Throwable failure) {
    OpenAiError error = errorOf(failure);
    HttpServerResponse response = http.response();
    if (error == null || response.closed() || response.headWritten()) {
      return;
    }
    loop.metrics().rejected(error.status());
    if (http.isEnded()) {
      send(response, error.status(), error.toJson());
    } else {
      // The rest of the body is not read, so the connection cannot be used again.
      response.putHeader("connection", "close");
      send(response, error.status(), error.toJson()).onComplete(sent -> http.connection().close());
    }
  }

  private static @Nullable OpenAiError errorOf(Throwable failure) {
    return switch (failure) {
      case OpenAiException e -> e.error();
      case FeedbackException e -> OpenAiError.invalidRequest(e.reason(), e.field(), null);
      case RuntimeException e -> {
        LOG.atError()
            .setCause(e)
            .addKeyValue("event", "request-failed")
            .log("request failed inside the router");
        yield OpenAiError.server(500, "The router failed to handle the request.", "router_error");
      }
      // The client left before its request was read.
      default -> null;
    };
  }

  private static Future<Void> send(HttpServerResponse response, int status, byte[] json) {
    return response
        .setStatusCode(status)
        .putHeader(Headers.CONTENT_TYPE, Headers.JSON)
        .end(Buffer.buffer(json));
  }
}
