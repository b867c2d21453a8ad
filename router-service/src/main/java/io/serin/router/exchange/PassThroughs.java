package io.serin.router.exchange;

import io.serin.openai.ResponseIdFilter;
import io.serin.router.attempt.Backends;
import io.serin.router.attempt.Upstreams;
import io.serin.router.metrics.RouterMetrics;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Variant;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** Begins what passes through one event loop. Confined to it. */
public record PassThroughs(
    RouterMetrics metrics, Upstreams upstreams, Backends backends, Vertx vertx, HttpClient client) {

  public void start(
      HttpServerRequest http,
      Rollout rollout,
      Variant variant,
      @Nullable String holder,
      String path,
      @Nullable ResponseIdFilter ids) {
    PassThrough.start(this, http, rollout, variant, holder, path, ids);
  }

  long nanoTime() {
    return upstreams.nanoTime().getAsLong();
  }
}
