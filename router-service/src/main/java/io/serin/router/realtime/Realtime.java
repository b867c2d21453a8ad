package io.serin.router.realtime;

import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.router.http.Headers;
import io.serin.router.http.VariantTokens;
import io.serin.router.metrics.RouterMetrics;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Table;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands realtime sessions on to control: they are no evidence, and no candidate gets one. A session
 * is accepted once control has accepted it, so a refusal reaches the client as what it is. Confined
 * to its event loop.
 */
public final class Realtime {

  /** The path of sessions below a base URL. */
  static final String PATH = "/realtime";

  /** The only subprotocol that is agreed on. */
  public static final String PROTOCOL = "realtime";

  private static final Logger LOG = LoggerFactory.getLogger(Realtime.class);

  private final Vertx vertx;
  private final RouterMetrics metrics;
  private final RealtimeBounds bounds;
  private final LongSupplier nanoTime;
  private final WebSocketClient client;

  /** The sessions of one event loop. */
  public Realtime(
      Vertx vertx, RouterMetrics metrics, RealtimeBounds bounds, LongSupplier nanoTime) {
    this.vertx = vertx;
    this.metrics = metrics;
    this.bounds = bounds;
    this.nanoTime = nanoTime;
    this.client =
        vertx.createWebSocketClient(
            new WebSocketClientOptions()
                .setConnectTimeout((int) bounds.connect().toMillis())
                .setMaxConnections(bounds.sessions())
                .setMaxFrameSize(bounds.frameBytes())
                .setMaxMessageSize(bounds.messageBytes()));
  }

  /**
   * Whether a request asks for a WebSocket. A key that a browser sends as a subprotocol is then put
   * where other clients put theirs.
   */
  public static boolean isAsked(HttpServerRequest http) {
    String upgrade = http.getHeader("upgrade");
    boolean asked = upgrade != null && upgrade.toLowerCase(Locale.ROOT).contains("websocket");
    if (asked) {
      RealtimeRequest.keyToHeader(http.headers());
    }
    return asked;
  }

  /**
   * Begins a session with the control of the rollout that is asked for as "model", or of the
   * default one.
   *
   * @throws OpenAiException with status 404 where no session is at this path, no rollout is known
   *     for it, or control's credential is not for it; 429 where too many are open; 400 where a
   *     tester's token asks for a variant
   */
  public void start(HttpServerRequest http, Table table, @Nullable String defaultRollout) {
    String model = http.getParam("model");
    Rollout named = model == null ? null : table.rollout(model);
    Rollout rollout =
        named == null && defaultRollout != null ? table.rollout(defaultRollout) : named;
    if (rollout == null || !http.path().equals("/v1" + PATH) || !rollout.control().allows(PATH)) {
      throw new OpenAiException(OpenAiError.unknownUrl(http.method().name(), http.path()));
    }
    VariantTokens.refuse(http.headers());
    if (!metrics.realtimeBegins(bounds.sessions())) {
      throw new OpenAiException(OpenAiError.overloaded("Too many realtime sessions; retry later."));
    }
    connect(http, rollout);
  }

  private void connect(HttpServerRequest http, Rollout rollout) {
    http.pause();
    try {
      client
          .connect(RealtimeRequest.of(http, rollout.control(), bounds))
          .onComplete(model -> accept(http, rollout, model), why -> refuse(http, rollout, why));
    } catch (RuntimeException e) {
      metrics.realtimeEnded(rollout.name(), "failed");
      throw e;
    }
  }

  private void accept(HttpServerRequest http, Rollout rollout, WebSocket model) {
    model.pause();
    http.toWebSocket()
        .onComplete(
            accepted -> pass(accepted, model, rollout),
            left -> {
              metrics.realtimeEnded(rollout.name(), "client");
              model.close();
            });
  }

  private void pass(ServerWebSocket accepted, WebSocket model, Rollout rollout) {
    accepted.pause();
    long began = nanoTime.getAsLong();
    new RealtimeSession(
            vertx, accepted, model, bounds, (why, session) -> ended(rollout, why, session, began))
        .start();
  }

  private void ended(
      Rollout rollout, RealtimeSession.End why, RealtimeSession session, long beganNanos) {
    String end = why.name().toLowerCase(Locale.ROOT);
    metrics.realtimeEnded(rollout.name(), end);
    LOG.atInfo()
        .addKeyValue("event", "realtime-session-ended")
        .addKeyValue("rollout", rollout.name())
        .addKeyValue("end", end)
        .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - beganNanos))
        .addKeyValue("frames", session.frames())
        .addKeyValue("bytes", session.bytes())
        .log("a realtime session ended");
  }

  private void refuse(HttpServerRequest http, Rollout rollout, Throwable why) {
    metrics.realtimeEnded(rollout.name(), "refused");
    OpenAiError error =
        why instanceof UpgradeRejectedException rejected && rejected.getStatus() >= 400
            ? OpenAiError.server(
                rejected.getStatus(), "The model refused the session.", "upstream_error")
            : OpenAiError.server(502, "The model cannot be reached.", "upstream_unreachable");
    if (!http.response().closed()) {
      http.resume();
      http.response()
          .setStatusCode(error.status())
          .putHeader(Headers.CONTENT_TYPE, Headers.JSON)
          .end(Buffer.buffer(error.toJson()));
    }
  }
}
