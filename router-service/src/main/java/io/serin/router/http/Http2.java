package io.serin.router.http;

import java.util.Set;

/**
 * Where HTTP/2 is spoken beside HTTP/1.1. To clients with TLS it always is, by ALPN.
 *
 * @param clearText whether clients without TLS may speak it, by prior knowledge or upgrade
 * @param upstream whether model servers with TLS are offered it, by ALPN
 * @param servers model servers without TLS that speak it by prior knowledge, as HOST:PORT
 */
public record Http2(boolean clearText, boolean upstream, Set<String> servers) {

  /** Offered wherever TLS lets both sides agree on it. */
  public static final Http2 DEFAULT = new Http2(false, true, Set.of());

  /** Checks the servers' names. */
  public Http2 {
    servers = Set.copyOf(servers);
    for (String server : servers) {
      if (!server.matches("[^/\\s]+:[0-9]{1,5}")) {
        throw new IllegalArgumentException(
            "http2-servers: '" + server + "', must be HOST:PORT without a scheme");
      }
    }
  }
}
