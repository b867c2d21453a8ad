package io.serin.router.upstream;

import java.time.Duration;
import java.util.Set;

/**
 * The bounds of one event loop's connections.
 *
 * @param mostPerServer most connections to one server; further calls wait
 * @param keepAlive how long an unused connection is kept, unless the server says less
 * @param maxAge how old a connection may get before it is used no more
 * @param maxHeaderBytes largest head of an answer, in bytes
 * @param http2 whether servers with TLS are offered HTTP/2
 * @param http2Servers those without TLS that speak HTTP/2 alone, as HOST:PORT
 */
public record PoolSettings(
    int mostPerServer,
    Duration keepAlive,
    Duration maxAge,
    int maxHeaderBytes,
    boolean http2,
    Set<String> http2Servers) {

  /** Checks the bounds. */
  public PoolSettings {
    http2Servers = Set.copyOf(http2Servers);
    if (mostPerServer < 1) {
      throw new IllegalArgumentException("connections: " + mostPerServer + ", must be at least 1");
    }
  }
}
