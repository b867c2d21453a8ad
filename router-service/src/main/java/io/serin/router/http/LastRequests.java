package io.serin.router.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Connections that carry no further request. A request with a transfer encoding is the last on its
 * connection: it may have had a content length too, which the decoder has taken away, and then what
 * follows is a second request to us and a part of the first to whoever is before us (RFC 9112,
 * 6.1). Confined to one event loop.
 */
public final class LastRequests {

  private final Set<HttpConnection> ended = Collections.newSetFromMap(new WeakHashMap<>());

  /** Whether the request may be served; its connection is closed where not. */
  public boolean admits(HttpServerRequest http) {
    HttpConnection connection = http.connection();
    if (ended.contains(connection)) {
      connection.close();
      return false;
    }
    if (Closing.alone(http) && http.headers().contains("transfer-encoding")) {
      ended.add(connection);
      http.response().putHeader("connection", "close").endHandler(sent -> connection.close());
    }
    return true;
  }
}
