package io.serin.router.attempt;

import io.serin.modelcalls.Pool;
import io.serin.modelcalls.Server;
import io.serin.schemas.Outcome;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which servers of a variant one call asks, in which order, and what it reports to their breakers.
 * A call asks at most {@link #MOST_SERVERS} servers, each further one on the variant's budget of
 * retries.
 */
public final class Route {

  private static final int MOST_SERVERS = 3;
  private static final Logger LOG = LoggerFactory.getLogger(Route.class);

  private final String rollout;
  private final String variant;
  private final Pool pool;
  private final long key;
  private final @Nullable String holder;
  private Set<Server> asked = Set.of();

  /**
   * A route to a variant's servers.
   *
   * @param rollout the rollout's name, for logs
   * @param variant the variant's name, for logs
   * @param pool the variant's servers
   * @param key what the prompt begins with, by which servers are ranked
   * @param holder the origin of the only server that can answer; null if any can
   */
  public Route(String rollout, String variant, Pool pool, long key, @Nullable String holder) {
    this.rollout = rollout;
    this.variant = variant;
    this.pool = pool;
    this.key = key;
    this.holder = holder;
  }

  /** The server to ask first; null if the variant has none. */
  public @Nullable Server first(long nowNanos) {
    pool.budget().earn();
    if (holder != null) {
      for (Server server : pool.servers()) {
        if (server.address().origin().equals(holder)) {
          return server;
        }
      }
    }
    return pool.pick(key, Set.of(), nowNanos);
  }

  /** The server to ask after another failed; null if none is left or the budget is spent. */
  @Nullable Server after(Server failed, long nowNanos) {
    if (holder != null || pool.servers().size() < 2) {
      return null;
    }
    Set<Server> tried = new HashSet<>(asked);
    tried.add(failed);
    Server other = tried.size() < MOST_SERVERS ? pool.pick(key, tried, nowNanos) : null;
    if (other == null || !pool.budget().spend()) {
      return null;
    }
    asked = tried;
    return other;
  }

  /**
   * A call of a server is over: reports it to the server's breaker.
   *
   * @param status HTTP status; 0 if none came
   */
  public void ended(Server server, Outcome outcome, int status, long nowNanos) {
    if (server.ended(outcome, status, nowNanos)) {
      LOG.atWarn()
          .addKeyValue("rollout", rollout)
          .addKeyValue("variant", variant)
          .addKeyValue("server", server.address().origin())
          .addKeyValue("breaker", server.breaker().state().getClass().getSimpleName())
          .addKeyValue("outcome", outcome)
          .addKeyValue("event", "breaker-changed")
          .log("a model server's circuit breaker changed");
    }
  }

  /** The rollout's name. */
  String rollout() {
    return rollout;
  }

  /** The variant's name. */
  String variant() {
    return variant;
  }
}
