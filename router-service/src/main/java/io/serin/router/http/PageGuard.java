package io.serin.router.http;

import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.schemas.http.BrowserGuard;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.Set;

/**
 * Keeps pages of other sites away from a client port that asks for no key: the router adds the
 * model servers' credentials by itself, so that any page in a browser that reaches the port could
 * spend them. With keys nothing is checked: a browser adds no key by itself. Immutable.
 *
 * <p>A request with an Origin header comes from a browser. It is answered if its page is allowed
 * (--cors-origins), or if it is of the port's own origin under a name by which the port is known.
 * On loopback every request must use such a name: an address, a name without a dot, or one of
 * --host-names.
 */
public final class PageGuard {

  private final boolean keys;
  private final boolean loopback;
  private final boolean anyName;
  private final Set<String> origins;
  private final BrowserGuard browsers;

  /**
   * @param keys whether clients need a key
   * @param loopback whether only this machine reaches the port
   * @param origins pages that are allowed, "*" for every page
   * @param names host names with a dot that the port is known by, "*" for every name
   */
  public PageGuard(boolean keys, boolean loopback, Set<String> origins, Set<String> names) {
    this.keys = keys;
    this.loopback = loopback;
    this.anyName = names.contains("*");
    this.origins = Set.copyOf(origins);
    this.browsers = new BrowserGuard(names);
  }

  /**
   * Refuses what a foreign page may have sent.
   *
   * @throws OpenAiException 403
   */
  public void check(HttpServerRequest http) {
    if (keys) {
      return;
    }
    String origin = http.getHeader("origin");
    HostAndPort authority = http.authority();
    String host = authority == null ? http.getHeader("host") : authority.toString();
    boolean allowed = origin == null || origins.contains("*") || origins.contains(origin);
    if (!allowed && BrowserGuard.foreignOrigin(origin, host)) {
      throw refused(
          "Requests from web pages of other origins are refused; --cors-origins allows a page.");
    }
    boolean named = anyName || !browsers.foreignHost(host);
    if (!named && (loopback || !allowed)) {
      throw refused(
          "The Host header names a host that this router is not known by; --host-names allows it.");
    }
  }

  private static OpenAiException refused(String message) {
    return new OpenAiException(
        new OpenAiError(message, "invalid_request_error", null, "forbidden", 403));
  }
}
