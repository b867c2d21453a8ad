package io.serin.router.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.router.rollout.RolloutTables;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The admin port: /health/live, /health/ready, /metrics, and /admin/force-control/ROLLOUT, which
 * takes a rollout's candidates out of this router's traffic without Kafka (POST) and lets them back
 * (DELETE).
 */
final class AdminVerticle extends VerticleBase {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FORCE = "/admin/force-control/";

  private final RolloutTables tables;
  private final PrometheusMeterRegistry registry;
  private final BooleanSupplier ready;
  private final String host;
  private final int port;
  private @Nullable HttpServer server;

  AdminVerticle(
      RolloutTables tables,
      PrometheusMeterRegistry registry,
      BooleanSupplier ready,
      String host,
      int port) {
    this.tables = tables;
    this.registry = registry;
    this.ready = ready;
    this.host = host;
    this.port = port;
  }

  @Override
  public Future<?> start() {
    HttpServer created =
        vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false));
    created.requestHandler(this::handle);
    server = created;
    return created.listen(port, host);
  }

  int actualPort() {
    HttpServer listening = server;
    if (listening == null) {
      throw new IllegalStateException("not started");
    }
    return listening.actualPort();
  }

  private void handle(HttpServerRequest http) {
    String path = http.path() == null ? "" : http.path();
    boolean get = http.method().equals(HttpMethod.GET);
    if (get && path.equals("/health/live")) {
      send(http, 200, status("up"));
    } else if (get && path.equals("/health/ready")) {
      boolean up = ready.getAsBoolean();
      send(http, up ? 200 : 503, status(up ? "ready" : "no commands were read yet"));
    } else if (get && path.equals("/metrics")) {
      vertx
          .executeBlocking(() -> registry.scrape())
          .onComplete(
              text ->
                  http.response()
                      .putHeader(Headers.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                      .end(text),
              failure -> send(http, 500, status("metrics cannot be read")));
    } else if (path.startsWith(FORCE) && path.length() > FORCE.length()) {
      force(http, path.substring(FORCE.length()));
    } else {
      send(http, 404, status("unknown path"));
    }
  }

  private void force(HttpServerRequest http, String rollout) {
    boolean on = http.method().equals(HttpMethod.POST);
    if (!on && !http.method().equals(HttpMethod.DELETE)) {
      send(http, 405, status("POST forces a rollout to control, DELETE lifts it"));
    } else if (on && tables.current().rollout(rollout) == null) {
      send(http, 404, status("unknown rollout"));
    } else {
      Future.fromCompletionStage(tables.force(rollout, on), context)
          .onComplete(
              done ->
                  send(
                      http, 200, JSON.createObjectNode().put("rollout", rollout).put("forced", on)),
              failure -> send(http, 500, status("not every event loop adopted the change")));
    }
  }

  private static ObjectNode status(String text) {
    return JSON.createObjectNode().put("status", text);
  }

  private static void send(HttpServerRequest http, int status, ObjectNode json) {
    try {
      http.response()
          .setStatusCode(status)
          .putHeader(Headers.CONTENT_TYPE, Headers.JSON)
          .end(Buffer.buffer(JSON.writeValueAsBytes(json)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that cannot be written", e);
    }
  }
}
