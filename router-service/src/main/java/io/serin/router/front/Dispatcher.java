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
import io.serin.router.http.BodyReader;
import io.serin.router.http.ClientWatch;
import io.serin.router.http.Cors;
import io.serin.router.http.Headers;
import io.serin.router.http.LastRequests;
import io.serin.router.http.PageGuard;
import io.serin.router.http.Tenants;
import io.serin.router.http.VariantTokens;
import io.serin.router.passthrough.PassThroughs;
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
import java.util.regex.Pattern;
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

  /**
   * A segment of dots, plain or encoded, with or without parameters; an encoded slash; a backslash,
   * plain or encoded; an empty segment.
   */
  private static final Pattern DOTS =
      Pattern.compile("(?i)(/|%2f|%5c|\\\\)(\\.|%2e){1,2}(/|;|%2f|%3b|%5c|\\\\|$)|%2f|%5c|\\\\|//");

  private final DataPlane plane;
  private final Requests requests;
  private final Exchanges exchanges;
  private final PassThroughs passThroughs;
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
      FeedbackApi feedback,
      ClientWatch clients,
      PageGuard pages,
      Vertx vertx) {
    this.plane = plane;
    this.requests = requests;
    this.exchanges = exchanges;
    this.passThroughs = passThroughs;
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
    if (!path.equals(FEEDBACK) && !path.equals(BULK_FEEDBACK)) {
      // Who has an answer's signed id may judge it.
      Tenants.admit(plane.access().clients(), http.headers());
    }
    Endpoint endpoint = Endpoint.ofPath(path);
    if (endpoint != null) {
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
              body ->
                  guarded(
                      http, () -> send(http.response(), 202, feedback.take(body, sender(http)))),
              failure -> refuse(http, failure));
    } else if (path.equals(BULK_FEEDBACK)) {
      require(http, HttpMethod.POST);
      BodyReader.read(http, clients, MAX_BULK_BYTES)
          .onComplete(
              body ->
                  guarded(
                      http, () -> send(http.response(), 200, feedback.takeAll(body, sender(http)))),
              failure -> refuse(http, failure));
    } else if (path.startsWith(RESPONSES)) {
      shed();
      stored(http, path);
    } else {
      shed();
      passThrough(http, path);
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

  private void complete(HttpServerRequest http, Endpoint endpoint, byte[] body) {
    long startedNanos = plane.clock().nanoTime();
    CompletionRequest request = CompletionRequest.read(endpoint, body);
    exchanges.start(http, request, rollout(request.model()), startedNanos);
  }

  /**
   * What is asked of one stored response: /v1/responses/ID and below. Its id says which variant
   * holds it; one that Serin did not give is asked at the control of the default rollout.
   */
  private void stored(HttpServerRequest http, String path) {
    int end = path.indexOf('/', RESPONSES.length());
    String text = path.substring(RESPONSES.length(), end < 0 ? path.length() : end);
    ResponseId id = plane.ids().responses().read(text).orElse(null);
    if (id == null) {
      passThrough(http, path);
      return;
    }
    Rollout rollout = requests.table().rollout(id.rollout());
    Variant variant = rollout == null ? null : rollout.variants().get(id.variant());
    if (rollout == null || variant == null) {
      throw new OpenAiException(
          new OpenAiError(
              "Response '" + text + "' not found.",
              "invalid_request_error",
              "response_id",
              "response_not_found",
              404));
    }
    String rest = end < 0 ? "" : path.substring(end);
    if (climbs(path)) {
      throw unknown(http, path);
    }
    String encoded = URLEncoder.encode(id.id(), StandardCharsets.UTF_8);
    ResponseIdFilter ids =
        new ResponseIdFilter(
            upstream ->
                plane
                    .ids()
                    .responses()
                    .write(new ResponseId(id.rollout(), id.variant(), id.origin(), upstream)),
            null);
    passThroughs.start(http, rollout, variant, id.origin(), "/responses/" + encoded + rest, ids);
  }

  private void passThrough(HttpServerRequest http, String path) {
    String name = plane.settings().api().defaultRollout();
    Rollout rollout = name == null ? null : requests.table().rollout(name);
    // A path with dots could climb out of the variant's base path.
    if (rollout == null || !path.startsWith("/v1/") || climbs(path)) {
      throw unknown(http, path);
    }
    VariantTokens.refuse(http.headers());
    passThroughs.start(
        http, rollout, rollout.control(), null, path.substring("/v1".length()), null);
  }

  /** Whether some server could read the path as another one than it says, or as one above it. */
  private static boolean climbs(String path) {
    return DOTS.matcher(path).find()
        // Some servers take it for the path of an endpoint, which only its own variants serve.
        || (path.endsWith("/") && Endpoint.ofPath(path.substring(0, path.length() - 1)) != null);
  }

  private static OpenAiException unknown(HttpServerRequest http, String path) {
    return new OpenAiException(
        new OpenAiError(
            "Unknown request URL: " + http.method() + " " + path + ".",
            "invalid_request_error",
            null,
            "unknown_url",
            404));
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
    } else if (error.status() == 429) {
      response.putHeader("retry-after", RETRY_AFTER_SECONDS);
    }
    byte[] json = error.toJson(http.path() == null ? null : Endpoint.ofPath(http.path()));
    if (http.isEnded()) {
      send(response, error.status(), json);
    } else {
      // The rest of the body tells nothing, so the connection cannot be used again.
      // Nor may it be closed with the answer's end, as LastRequests wants it.
      response.putHeader("connection", "close").endHandler(null);
      send(response, error.status(), json).onComplete(sent -> linger(http));
    }
  }

  /**
   * Closes once the client has sent the rest of its body, which is thrown away, but soon. Closed at
   * once, the client's bytes under way would be answered with a reset, and that can reach it before
   * it has read why it was refused.
   */
  private void linger(HttpServerRequest http) {
    if (http.isEnded()) {
      http.connection().close();
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
