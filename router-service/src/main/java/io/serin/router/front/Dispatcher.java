package io.serin.router.front;

import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.openai.ResponseIdFilter;
import io.serin.router.exchange.DataPlane;
import io.serin.router.exchange.Exchanges;
import io.serin.router.exchange.Requests;
import io.serin.router.feedback.FeedbackException;
import io.serin.router.feedback.FeedbackRefused;
import io.serin.router.feedback.ResponseId;
import io.serin.router.feedback.ResponseIds;
import io.serin.router.http.BodyReader;
import io.serin.router.http.ClientWatch;
import io.serin.router.http.Closing;
import io.serin.router.http.Cors;
import io.serin.router.http.Headers;
import io.serin.router.http.LastRequests;
import io.serin.router.http.PageGuard;
import io.serin.router.http.Tenants;
import io.serin.router.http.VariantTokens;
import io.serin.router.passthrough.PassThroughs;
import io.serin.router.realtime.Realtime;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Variant;
import io.serin.router.upstream.UpstreamRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends each request of one event loop where it belongs, and maps every failure before an exchange
 * to an answer.
 */
final class Dispatcher {

  private static final long LINGER_MILLIS = 2_000;
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final int MAX_FEEDBACK_BYTES = 64 << 10;
  private static final int MAX_BULK_BYTES = 4 << 20;
  private static final String FEEDBACK = "/v1/feedback";
  private static final String BULK_FEEDBACK = "/v1/feedback/bulk";
  private static final String RESPONSES = "/v1/responses/";

  /** Long enough for some request to end, short enough for nobody to give up. */
  private static final String RETRY_AFTER_SECONDS = "1";

  private final DataPlane plane;
  private final Requests requests;
  private final Exchanges exchanges;
  private final PassThroughs passThroughs;
  private final Realtime realtime;
  private final ClientWatch clients;
  private final Vertx vertx;
  private final Cors cors;
  private final FeedbackApi feedback;
  private final PageGuard pages;
  private final LastRequests last = new LastRequests();

  Dispatcher(
      DataPlane plane,
      Requests requests,
      Exchanges exchanges,
      PassThroughs passThroughs,
      Realtime realtime,
      FeedbackApi feedback,
      ClientWatch clients,
      PageGuard pages,
      Vertx vertx) {
    this.plane = plane;
    this.requests = requests;
    this.exchanges = exchanges;
    this.passThroughs = passThroughs;
    this.realtime = realtime;
    this.feedback = feedback;
    this.clients = clients;
    this.pages = pages;
    this.vertx = vertx;
    this.cors = new Cors(plane.settings().api().corsOrigins());
  }

  void handle(HttpServerRequest http) {
    clients.began(http);
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
    if (cors.handled(http)) {
      return;
    }
    pages.check(http);
    if (http.uri() == null || !UpstreamRequest.isTarget(http.uri())) {
      throw new OpenAiException(
          OpenAiError.invalidRequest("Invalid request target.", null, "invalid_http"));
    }
    String path = http.path() == null ? "" : http.path();
    boolean session = Realtime.isAsked(http);
    if (!path.equals(FEEDBACK) && !path.equals(BULK_FEEDBACK)) {
      // Who has an answer's signed id may judge it.
      Tenants.admit(plane.access().clients(), http.headers());
    }
    Endpoint endpoint = Endpoint.ofPath(path);
    if (session) {
      realtime.start(http, requests.table(), plane.settings().api().defaultRollout());
    } else if (endpoint != null) {
      require(http, HttpMethod.POST);
      shed();
      BodyReader.read(http, clients, plane.settings().maxRequestBytes())
          .onComplete(
              body -> guarded(http, () -> complete(http, endpoint, body)),
              failure -> refuse(http, failure));
    } else if (path.equals("/v1/models") || path.startsWith("/v1/models/")) {
      require(http, HttpMethod.GET);
      send(http.response(), 200, models(path));
    } else if (path.equals(FEEDBACK)) {
      require(http, HttpMethod.POST);
      BodyReader.read(http, clients, MAX_FEEDBACK_BYTES)
          .onComplete(
              body -> feedback(http, body, 202, () -> feedback.take(body.bytes(), sender(http))),
              failure -> refuse(http, failure));
    } else if (path.equals(BULK_FEEDBACK)) {
      require(http, HttpMethod.POST);
      BodyReader.read(http, clients, MAX_BULK_BYTES)
          .onComplete(
              body -> feedback(http, body, 200, () -> feedback.takeAll(body.bytes(), sender(http))),
              failure -> refuse(http, failure));
    } else if (path.startsWith(RESPONSES)) {
      shed();
      stored(http, path);
    } else if (path.equals(Paths.COUNT_TOKENS)) {
      require(http, HttpMethod.POST);
      shed();
      BodyReader.read(http, clients, plane.settings().maxRequestBytes())
          .onComplete(
              body -> guarded(http, () -> countTokens(http, body)),
              failure -> refuse(http, failure));
    } else {
      shed();
      passThrough(http, path);
    }
  }

  private void feedback(
      HttpServerRequest http, BodyReader.Body body, int status, Supplier<byte[]> take) {
    try {
      guarded(http, () -> send(http.response(), status, take.get()));
    } finally {
      body.memory().release();
    }
  }

  private String sender(HttpServerRequest http) {
    return Tenants.sender(Tenants.known(plane.access().clients(), http.headers()), http);
  }

  /** Takes nothing more on while as much as is allowed is under way. */
  private void shed() {
    int most = plane.settings().api().maxInFlight();
    if (most > 0 && plane.metrics().inFlight() >= most) {
      throw new OpenAiException(
          OpenAiError.overloaded("Too many concurrent requests; retry later."));
    }
  }

  /** Whatever throws before the exchange holds the body gives its memory back. */
  private void complete(HttpServerRequest http, Endpoint endpoint, BodyReader.Body body) {
    try {
      long startedNanos = plane.clock().nanoTime();
      CompletionRequest request = CompletionRequest.read(endpoint, body.bytes());
      exchanges.start(http, request, rollout(request.model()), body.memory(), startedNanos);
    } catch (RuntimeException e) {
      body.memory().release();
      throw e;
    }
  }

  /** Goes where the message would go: models count differently. No evidence. */
  private void countTokens(HttpServerRequest http, BodyReader.Body body) {
    try {
      CompletionRequest request = CompletionRequest.read(Endpoint.MESSAGES, body.bytes());
      Rollout rollout = rollout(request.model());
      Exchanges.Sent sent = exchanges.sent(http, request, rollout);
      allow(http, sent.variant(), Paths.COUNT_TOKENS);
      String path = Paths.COUNT_TOKENS.substring("/v1".length());
      passThroughs.start(http, rollout, sent.variant(), path, sent.body(), body.memory());
    } catch (RuntimeException e) {
      body.memory().release();
      throw e;
    }
  }

  /**
   * What is asked of one stored response: /v1/responses/ID and below. Its id says which variant
   * holds it; one that Serin did not give is asked at the control of the default rollout.
   */
  private void stored(HttpServerRequest http, String path) {
    int end = path.indexOf('/', RESPONSES.length());
    String text = path.substring(RESPONSES.length(), end < 0 ? path.length() : end);
    String owner = Tenants.owner(plane.access().clients(), http.headers());
    ResponseIds responses = plane.ids().responses();
    ResponseId id = responses.read(text, owner).orElse(null);
    if (id == null && !responses.hasForm(text) && !Tenants.isTenant(owner)) {
      passThrough(http, path);
      return;
    }
    if (id == null) {
      throw new OpenAiException(OpenAiError.responseNotFound(text, "response_id"));
    }
    Rollout rollout = requests.table().rollout(id.rollout());
    Variant variant = rollout == null ? null : rollout.variants().get(id.variant());
    if (rollout == null || variant == null) {
      throw new OpenAiException(OpenAiError.responseNotFound(text, "response_id"));
    }
    String rest = end < 0 ? "" : path.substring(end);
    if (Paths.climbs(path)) {
      throw Paths.unknown(http, path);
    }
    allow(http, variant, path);
    String encoded = URLEncoder.encode(id.id(), StandardCharsets.UTF_8);
    ResponseIdFilter ids =
        new ResponseIdFilter(
            upstream ->
                responses.write(
                    new ResponseId(id.rollout(), id.variant(), id.origin(), upstream), owner),
            null);
    passThroughs.start(http, rollout, variant, id.origin(), "/responses/" + encoded + rest, ids);
  }

  private void passThrough(HttpServerRequest http, String path) {
    String name = plane.settings().api().defaultRollout();
    Rollout rollout = name == null ? null : requests.table().rollout(name);
    if (rollout == null || !path.startsWith("/v1/") || Paths.climbs(path)) {
      throw Paths.unknown(http, path);
    }
    VariantTokens.refuse(http.headers());
    allow(http, rollout.control(), path);
    passThroughs.start(
        http, rollout, rollout.control(), null, path.substring("/v1".length()), null);
  }

  /** A variant's own credential is sent to the paths that its file allows, and to no other. */
  private static void allow(HttpServerRequest http, Variant variant, String path) {
    if (!variant.allows(path.substring("/v1".length()))) {
      throw Paths.unknown(http, path);
    }
  }

  private Rollout rollout(String model) {
    Rollout rollout = requests.table().rollout(model);
    if (rollout != null) {
      return rollout;
    }
    if (requests.table().all().isEmpty()) {
      throw new OpenAiException(
          OpenAiError.server(503, "This router has no rollout yet.", "no_rollout"));
    }
    String otherwise = plane.settings().api().defaultRollout();
    Rollout standing = otherwise == null ? null : requests.table().rollout(otherwise);
    if (standing != null) {
      return standing;
    }
    throw new OpenAiException(OpenAiError.modelNotFound(model));
  }

  private byte[] models(String path) {
    if (path.equals("/v1/models")) {
      return ModelList.all(requests.table());
    }
    String name = decoded(path.substring("/v1/models/".length()));
    Rollout rollout = requests.table().rollout(name);
    if (rollout == null) {
      throw new OpenAiException(OpenAiError.modelNotFound(name));
    }
    return ModelList.one(rollout);
  }

  private static String decoded(String segment) {
    try {
      return URLDecoder.decode(segment, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new OpenAiException(
          OpenAiError.invalidRequest("Invalid request target.", null, "invalid_http"));
    }
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
    plane.metrics().rejected(error.status());
    if (failure instanceof FeedbackRefused refused) {
      response.putHeader("retry-after", Long.toString(refused.retryAfterSeconds()));
    } else if (error.status() == 429 || error.status() == 503) {
      response.putHeader("retry-after", RETRY_AFTER_SECONDS);
    }
    byte[] json = error.toJson(http.path() == null ? null : Endpoint.ofPath(http.path()));
    if (http.isEnded()) {
      send(response, error.status(), json);
    } else {
      // The rest of the body tells nothing, so the connection cannot be used again.
      // Nor may it be closed with the answer's end, as LastRequests wants it.
      Closing.announce(http);
      if (Closing.alone(http)) {
        response.endHandler(null);
      }
      send(response, error.status(), json).onComplete(sent -> linger(http));
    }
  }

  /**
   * Closes once the client has sent the rest of its body, which is thrown away, but soon. Closed at
   * once, the client's bytes under way would be answered with a reset, and that can reach it before
   * it has read why it was refused.
   */
  private void linger(HttpServerRequest http) {
    if (http.isEnded() || !Closing.alone(http)) {
      Closing.afterAnswer(http);
      return;
    }
    long timer = vertx.setTimer(LINGER_MILLIS, late -> http.connection().close());
    http.exceptionHandler(left -> vertx.cancelTimer(timer));
    http.handler(rest -> {});
    http.endHandler(
        end -> {
          vertx.cancelTimer(timer);
          http.connection().close();
        });
    http.resume();
  }

  private static @Nullable OpenAiError errorOf(Throwable failure) {
    return switch (failure) {
      case OpenAiException e -> e.error();
      case FeedbackRefused e ->
          e.status() == 429
              ? OpenAiError.overloaded(e.reason())
              : OpenAiError.server(e.status(), e.reason(), null);
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
