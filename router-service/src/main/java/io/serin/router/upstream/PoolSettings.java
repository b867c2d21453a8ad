package io.serin.router.upstream;

import java.time.Duration;

/**
 * The bounds of one event loop's connections.
 *
 * @param mostPerServer most connections to one server; further calls wait
 * @param keepAlive how long an unused connection is kept, unless the server says less
 * @param maxAge how old a connection may get before it is used no more
 * @param maxHeaderBytes largest head of an answer, in bytes
 */
public record PoolSettings(
    int mostPerServer, Duration keepAlive, Duration maxAge, int maxHeaderBytes) {

  /** Checks the bounds. */
  public PoolSettings {
    if (mostPerServer < 1) {
      throw new IllegalArgumentException("connections: " + mostPerServer + ", must be at least 1");
    }
  }
}
