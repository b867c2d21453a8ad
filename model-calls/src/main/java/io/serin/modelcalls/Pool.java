package io.serin.modelcalls;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The servers of one variant on this router. Thread-safe.
 *
 * <p>A key (what a prompt begins with) leads to the same server on every router: rendezvous
 * hashing, by which a server that comes or goes moves only its own keys, with bounded loads
 * (Mirrokni, Thorup, Zadimoghaddam 2018): a server that has a quarter more under way than its equal
 * share is passed over for the next in rank. Where no server is available all are, as if all were
 * well: the last one is never given up.
 */
public final class Pool {

  private final int limit;
  private final List<Server> servers;
  private final RetryBudget budget;
  private final AtomicInteger inFlight;

  private Pool(int limit, List<Server> servers, RetryBudget budget, AtomicInteger inFlight) {
    this.limit = limit;
    this.servers = List.copyOf(servers);
    this.budget = budget;
    this.inFlight = inFlight;
  }

  /**
   * A pool of servers that nothing is known of.
   *
   * @param limit most requests under way; 0 is without limit
   */
  public static Pool of(List<Address> addresses, int limit) {
    return new Pool(
        limit,
        addresses.stream().distinct().map(Server::new).toList(),
        new RetryBudget(),
        new AtomicInteger());
  }

  /** The same variant with other servers or another limit; what is known of a server stays. */
  public Pool with(List<Address> addresses, int newLimit) {
    List<Server> next = new ArrayList<>();
    for (Address address : addresses.stream().distinct().toList()) {
      Server known = null;
      for (Server server : servers) {
        known = server.address().equals(address) ? server : known;
      }
      next.add(known == null ? new Server(address) : known);
    }
    return new Pool(newLimit, next, budget, inFlight);
  }

  /** The servers, in the order of the file. */
  public List<Server> servers() {
    return servers;
  }

  /** How often calls may be tried again. */
  public RetryBudget budget() {
    return budget;
  }

  /** Requests under way. */
  public int inFlight() {
    return inFlight.get();
  }

  /** Takes a place for a request; false where all are taken. */
  public boolean enter() {
    if (inFlight.incrementAndGet() > limit && limit > 0) {
      inFlight.decrementAndGet();
      return false;
    }
    return true;
  }

  /** Takes a place even where there is none: the client has nowhere else to go. */
  public void enterAnyway() {
    inFlight.incrementAndGet();
  }

  /** Gives a place back. */
  public void leave() {
    inFlight.decrementAndGet();
  }

  /**
   * The server for a key.
   *
   * @param tried servers that the request tried before
   * @return null where all were tried
   */
  public @Nullable Server pick(long key, Set<Server> tried, long nowNanos) {
    if (servers.size() == 1) {
      return tried.isEmpty() ? servers.getFirst() : null;
    }
    Server found = best(key, tried, nowNanos, true);
    return found == null ? best(key, tried, nowNanos, false) : found;
  }

  /** The server at an address; null where it is no longer one of them. */
  public @Nullable Server at(Address address) {
    for (Server server : servers) {
      if (server.address().equals(address)) {
        return server;
      }
    }
    return null;
  }

  private @Nullable Server best(long key, Set<Server> tried, long now, boolean onlyAvailable) {
    int candidates = 0;
    int load = 1;
    for (Server server : servers) {
      if (!tried.contains(server) && (!onlyAvailable || server.available(now))) {
        candidates++;
        load += server.inFlight();
      }
    }
    if (candidates == 0) {
      return null;
    }
    // ceil(1.25 × load ÷ candidates), so that at least one of them is below it.
    int bound = (5 * load + 4 * candidates - 1) / (4 * candidates);
    Server best = null;
    long claim = 0;
    for (Server server : servers) {
      if (tried.contains(server)
          || (onlyAvailable && !server.available(now))
          || server.inFlight() >= bound) {
        continue;
      }
      long here = server.claim(key);
      if (best == null || Long.compareUnsigned(here, claim) > 0) {
        best = server;
        claim = here;
      }
    }
    // Another event loop may have taken the last place below the bound.
    return best == null ? leastLoaded(tried, now, onlyAvailable) : best;
  }

  private @Nullable Server leastLoaded(Set<Server> tried, long now, boolean onlyAvailable) {
    Server least = null;
    for (Server server : servers) {
      if (!tried.contains(server)
          && (!onlyAvailable || server.available(now))
          && (least == null || server.inFlight() < least.inFlight())) {
        least = server;
      }
    }
    return least;
  }
}
