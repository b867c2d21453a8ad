package io.serin.router.http;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** How many connections each client address has, on all event loops. Thread-safe. */
public final class ClientAddresses {

  private final int most;
  private final ConcurrentMap<String, Integer> open = new ConcurrentHashMap<>();

  /**
   * @param most connections of one address, at least 1
   */
  public ClientAddresses(int most) {
    this.most = most;
  }

  /** Counts a connection; returns false, and counts nothing, where the address has its most. */
  boolean enter(String address) {
    // One look and one change at once: two loops may ask for the last one.
    boolean[] entered = new boolean[1];
    open.compute(
        address,
        (same, count) -> {
          int now = count == null ? 0 : count;
          entered[0] = now < most;
          return entered[0] ? now + 1 : now;
        });
    return entered[0];
  }

  /** Connections that are open, of all addresses. */
  public int total() {
    return open.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** A counted connection is gone. */
  void leave(String address) {
    open.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
  }
}
