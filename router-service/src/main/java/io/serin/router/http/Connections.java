package io.serin.router.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.RequestOptions;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * One event loop's connections to variants, and which of them carried a request before. Confined to
 * the loop.
 */
final class Connections {

  private final HttpClient client;
  private final Set<HttpConnection> used = Collections.newSetFromMap(new WeakHashMap<>());

  Connections(HttpClient client) {
    this.client = client;
  }

  /** A request on an idle connection or a new one. */
  Future<HttpClientRequest> request(RequestOptions options) {
    return client.request(options);
  }

  /** Whether no request was sent on this connection before; true once. */
  boolean isFresh(HttpConnection connection) {
    return used.add(connection);
  }
}
