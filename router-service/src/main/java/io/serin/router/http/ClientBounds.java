package io.serin.router.http;

import io.serin.router.memory.MemoryBudget;
import java.time.Duration;

/**
 * What clients may take of a router.
 *
 * @param head how long a new connection may be without a whole request head
 * @param idle how long a connection is kept between two requests
 * @param body how long a request's body may take
 * @param connectionsPerAddress most connections of one address
 * @param memoryBytes what all requests may hold at once: {@link MemoryBudget}
 */
public record ClientBounds(
    Duration head, Duration idle, Duration body, int connectionsPerAddress, long memoryBytes) {

  /**
   * Half a minute for a head, keep-alive longer than that of common clients and proxies, 16 MB at 1
   * Mbit/s, as many connections of one address as a proxy in front may need, half of the heap.
   */
  public static final ClientBounds DEFAULT =
      new ClientBounds(
          Duration.ofSeconds(30),
          Duration.ofSeconds(75),
          Duration.ofSeconds(120),
          20_000,
          MemoryBudget.ofHeap(Runtime.getRuntime().maxMemory()));

  /** Checks the bounds. */
  public ClientBounds {
    positive("client-head-timeout", head);
    positive("client-idle-timeout", idle);
    positive("client-body-timeout", body);
    if (connectionsPerAddress < 1) {
      throw new IllegalArgumentException(
          "client-connections: " + connectionsPerAddress + ", must be at least 1");
    }
    if (memoryBytes < 1) {
      throw new IllegalArgumentException(
          "max-memory-bytes: " + memoryBytes + ", must be at least 1");
    }
  }

  private static void positive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + ": " + value + ", must be more than 0");
    }
  }
}
