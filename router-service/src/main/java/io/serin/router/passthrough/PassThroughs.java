package io.serin.router.passthrough;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.serin.modelcalls.Pool;
import io.serin.modelcalls.Server;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.openai.ResponseIdFilter;
import io.serin.router.attempt.Backends;
import io.serin.router.attempt.CallDeadlines;
import io.serin.router.attempt.Route;
import io.serin.router.attempt.Upstreams;
import io.serin.router.http.Headers;
import io.serin.router.memory.Hold;
import io.serin.router.metrics.RouterMetrics;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Variant;
import io.serin.router.upstream.UpstreamRequest;
import io.serin.router.upstream.UpstreamRequest.Body;
import io.serin.schemas.Deadlines;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands on requests that are not evidence, on one event loop and confined to it.
 *
 * @param upstreams how model servers are called
 * @param backends the servers of variants
 * @param metrics counts requests in progress
 */
public record PassThroughs(Upstreams upstreams, Backends backends, RouterMetrics metrics) {

  private static final Logger LOG = LoggerFactory.getLogger(PassThroughs.class);

  /**
   * Hands a request on.
   *
   * @param holder the origin of the only server that can answer; null if any can
   * @param path below the variant's base path; the client's query is added
   * @param ids makes ids of stored responses the router's own; null leaves bodies as they are
   * @throws RuntimeException if the request cannot be sent; nothing is held then
   */
  public void start(
      HttpServerRequest http,
      Rollout rollout,
      Variant variant,
      @Nullable String holder,
      String path,
      @Nullable ResponseIdFilter ids) {
    start(http, rollout, variant, holder, path, body(http), ids, () -> {});
  }

  /**
   * Hands on a request whose body was read.
   *
   * @param path below the variant's base path; the client's query is added
   * @param body what is sent
   * @param memory what the body holds, released at the end
   * @throws RuntimeException if the request cannot be sent; the memory is held still
   */
  public void start(
      HttpServerRequest http,
      Rollout rollout,
      Variant variant,
      String path,
      byte[] body,
      Hold memory) {
    start(http, rollout, variant, null, path, new Body.Whole(body), null, memory::release);
  }

  private void start(
      HttpServerRequest http,
      Rollout rollout,
      Variant variant,
      @Nullable String holder,
      String path,
      Body body,
      @Nullable ResponseIdFilter ids,
      Runnable whenEnded) {
    Pool pool = backends.of(rollout.name(), variant);
    Route route = new Route(rollout.name(), variant.name(), pool, 0, holder);
    Server server = route.first(upstreams.nanoTime().getAsLong());
    if (server == null) {
      throw new IllegalStateException("a variant without a server");
    }
    UpstreamRequest request = request(http, variant, server, path, body);
    PassThrough made =
        new PassThrough(
            upstreams,
            http,
            route,
            server,
            request,
            deadlines(rollout),
            ids,
            () -> {
              pool.leave();
              metrics.requestEnded();
              whenEnded.run();
            });
    metrics.requestBegan();
    pool.enterAnyway();
    made.start();
  }

  private static UpstreamRequest request(
      HttpServerRequest http, Variant variant, Server server, String path, Body body) {
    HttpHeaders passing = Headers.ofClient(http.headers());
    String encoding = http.getHeader(HttpHeaderNames.CONTENT_ENCODING);
    if (encoding != null && body instanceof Body.Streamed) {
      // The body passes as it is, so its encoding is said.
      passing.set(HttpHeaderNames.CONTENT_ENCODING, encoding);
    }
    String target = http.query() == null ? path : path + "?" + http.query();
    try {
      return new UpstreamRequest(
          http.method().name(),
          server.address().target(target),
          Headers.toVariant(passing, variant),
          body);
    } catch (IllegalArgumentException e) {
      LOG.atError()
          .setCause(e)
          .addKeyValue("variant", variant.name())
          .addKeyValue("event", "variant-unservable")
          .log("no request can be sent to a variant");
      throw new OpenAiException(
          OpenAiError.server(502, "The model cannot be reached.", "upstream_unreachable"));
    }
  }

  private static CallDeadlines deadlines(Rollout rollout) {
    Deadlines of = rollout.command().getDeadlines();
    return new CallDeadlines(
        of.getConnect(), Math.max(1, of.getFirstByte()), of.getIdle(), of.getTotal());
  }

  /** A body keeps the length that the client declared: some servers read no chunks. */
  private static Body body(HttpServerRequest http) {
    String length = http.getHeader("content-length");
    if (http.headers().contains("transfer-encoding")) {
      return new Body.Streamed(-1);
    }
    long bytes = length == null ? 0 : Long.parseLong(length.strip());
    return bytes == 0 ? new Body.Whole(new byte[0]) : new Body.Streamed(bytes);
  }
}
