package io.serin.router.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Set;

/**
 * Which pages may call the router from a browser. Without an origin, none may: nothing is said and
 * browsers refuse. Credentials of the browser (cookies) are never allowed. Immutable.
 *
 * @param origins as browsers send them, such as https://chat.example.com; "*" is every page
 */
public record Cors(Set<String> origins) {

  private static final String ALLOW_ORIGIN = "access-control-allow-origin";

  /**
   * Says what the page may do.
   *
   * @return true where this answered the request: it was a browser's question whether it may ask
   */
  public boolean handled(HttpServerRequest http) {
    String origin = http.getHeader("origin");
    if (origin == null || origins.isEmpty()) {
      return false;
    }
    HttpServerResponse response = http.response();
    response.putHeader("vary", "origin");
    boolean allowed = origins.contains("*") || origins.contains(origin);
    if (allowed) {
      response.putHeader(ALLOW_ORIGIN, origins.contains("*") ? "*" : origin);
      response.putHeader(
          "access-control-expose-headers",
          "x-request-id, x-upstream-request-id, x-serin-variant, retry-after");
    }
    if (!http.method().equals(HttpMethod.OPTIONS)
        || !http.headers().contains("access-control-request-method")) {
      return false;
    }
    if (allowed) {
      response.putHeader("access-control-allow-methods", "GET, POST, DELETE, OPTIONS");
      String asked = http.getHeader("access-control-request-headers");
      response.putHeader("access-control-allow-headers", asked == null ? "content-type" : asked);
      response.putHeader("access-control-max-age", "600");
    }
    response.setStatusCode(allowed ? 204 : 403).end();
    return true;
  }

  /** Whether the router itself says what a page may do, and not the variant. */
  public static boolean decided(MultiMap client) {
    return client.contains(ALLOW_ORIGIN);
  }
}
