package io.serin.router.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.router.http.Headers;
import io.serin.router.http.Tenants;
import io.serin.router.rollout.RolloutTables;
import io.serin.schemas.http.BrowserGuard;
import io.serin.schemas.http.KeyFile;
import io.serin.schemas.http.Operator;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin port: /health/live, /health/ready, /metrics, and /admin/force-control/ROLLOUT, which
 * takes a rollout's candidates out of this router's traffic without Kafka (POST) and lets them back
 * (DELETE). With tokens, all but /health needs one; without, only this machine may force, and no
 * page that a browser on it has opened: {@link BrowserGuard}.
 */
public final class AdminVerticle extends VerticleBase {

  private static final Logger LOG = LoggerFactory.getLogger(AdminVerticle.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int IDLE_SECONDS = 60;
  private static final String FORCE = "/admin/force-control/";

  private final RolloutTables tables;
  private final PrometheusMeterRegistry registry;
  private final Supplier<Optional<String>> trouble;
  private final String host;
  private final int port;
  private final @Nullable KeyFile<Operator> operators;
  private final BrowserGuard browsers;
  private @Nullable HttpServer server;

  public AdminVerticle(
      RolloutTables tables,
      PrometheusMeterRegistry registry,
      Supplier<Optional<String>> trouble,
      String host,
      int port,
      @Nullable KeyFile<Operator> operators) {
    this.tables = tables;
    this.registry = registry;
    this.trouble = trouble;
    this.host = host;
    this.port = port;
    this.operators = operators;
    this.browsers = new BrowserGuard(Set.of(host));
  }

  @Override
  public Future<?> start() {
    HttpServer created =
        vertx.createHttpServer(
            new HttpServerOptions().setHttp2ClearTextEnabled(false).setIdleTimeout(IDLE_SECONDS));
    created.requestHandler(this::handle);
    server = created;
    return created.listen(port, host);
  }

  public int actualPort() {
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
      Optional<String> why = trouble.get();
      send(http, why.isEmpty() ? 200 : 503, status(why.orElse("ready")));
    } else if (get && path.equals("/metrics")) {
      if (!admits(http, false)) {
        return;
      }
      vertx
          .executeBlocking(() -> registry.scrape())
          .onComplete(
              text ->
                  http.response()
                      .putHeader(Headers.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                      .end(text),
              failure -> send(http, 500, status("metrics cannot be read")));
    } else if (path.startsWith(FORCE) && path.length() > FORCE.length()) {
      if (admits(http, true)) {
        force(http, path.substring(FORCE.length()));
      }
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

  /** Whether the request is allowed; answers it if not. */
  private boolean admits(HttpServerRequest http, boolean changes) {
    KeyFile<Operator> known = operators;
    String name = http.getHeader("host");
    if (BrowserGuard.foreignOrigin(http.getHeader("origin"), name)) {
      send(http, 403, status("Requests from web pages of another origin are refused."));
      return false;
    }
    if (known == null && browsers.foreignHost(name)) {
      send(
          http,
          403,
          status(
              "Host is not a name of this port. Use its address, a name without a dot or the value"
                  + " of --admin-host; or set --admin-tokens."));
      return false;
    }
    if (known == null) {
      boolean here = http.remoteAddress() != null && isLoopback(http.remoteAddress().hostAddress());
      if (changes && !here) {
        send(http, 403, status("without --admin-tokens only this machine may force control"));
        return false;
      }
      return true;
    }
    Operator operator = known.owner(Tenants.bearer(http.headers()));
    if (operator == null) {
      http.response().putHeader("www-authenticate", "Bearer");
      send(http, 401, status("a token of --admin-tokens is needed"));
      return false;
    }
    if (changes && !operator.mayChange()) {
      send(http, 403, status("a viewer may not force control"));
      return false;
    }
    if (changes) {
      LOG.atWarn()
          .addKeyValue("event", "admin-asked")
          .addKeyValue("who", operator.who())
          .addKeyValue("method", http.method())
          .addKeyValue("path", http.path())
          .log("the admin port was asked for a change");
    }
    return true;
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.ofLiteral(address).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
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
