package io.serin.router.exchange;

import io.serin.modelcalls.Pool;
import io.serin.modelcalls.Server;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which servers of a variant an attempt may ask, and in which order.
 *
 * @param rollout the rollout's name, for logs
 * @param pool the variant's servers
 * @param key what the prompt begins with, by which servers are ranked
 * @param holder the origin of the only server that can answer; null where any can
 */
record Route(String rollout, Pool pool, long key, @Nullable String holder) {

  @Nullable Server first(long nowNanos) {
    if (holder != null) {
      for (Server server : pool.servers()) {
        if (server.address().origin().equals(holder)) {
          return server;
        }
      }
    }
    return pool.pick(key, Set.of(), nowNanos);
  }

  @Nullable Server next(Set<Server> tried, long nowNanos) {
    return holder == null ? pool.pick(key, tried, nowNanos) : null;
  }
}
