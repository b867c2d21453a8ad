package io.serin.modelcalls;

import io.serin.rollout.value.ServerUrl;
import org.jspecify.annotations.Nullable;

/**
 * Where a server of a variant is reached.
 *
 * @param tls whether it is called over TLS
 * @param host a name, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 … 65535
 * @param basePath the path before {@code /chat/completions}, without a trailing slash
 * @param query sent along with every call, without its question mark; or null
 */
public record Address(boolean tls, String host, int port, String basePath, @Nullable String query) {

  /** An address without a query. */
  public Address(boolean tls, String host, int port, String basePath) {
    this(tls, host, port, basePath, null);
  }

  /**
   * The address that a base URL names.
   *
   * @throws io.serin.rollout.value.InvalidField naming the field, the value and the rule
   */
  public static Address of(String field, String url) {
    ServerUrl read = ServerUrl.parse(field, url);
    return new Address(read.tls(), read.host(), read.port(), read.path(), read.query());
  }

  /** Scheme, host and port, for logs and metrics. */
  public String origin() {
    return (tls ? "https://" : "http://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + port;
  }

  /**
   * What is written in a request's first line: the base path, this path, and the query of the
   * address before that of the call.
   *
   * @param path begins with a slash; may carry a query of its own
   */
  public String target(String path) {
    String whole = basePath + path;
    if (query == null) {
      return whole;
    }
    int own = whole.indexOf('?');
    return own < 0
        ? whole + "?" + query
        : whole.substring(0, own + 1) + query + "&" + whole.substring(own + 1);
  }
}
