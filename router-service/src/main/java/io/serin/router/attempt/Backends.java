package io.serin.router.attempt;

import io.serin.modelcalls.Address;
import io.serin.modelcalls.Pool;
import io.serin.modelcalls.Server;
import io.serin.router.metrics.RouterMetrics;
import io.serin.router.rollout.Variant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The servers of every variant, as all event loops of a router know them. What is known of a server
 * outlives the command that named it. Thread-safe.
 */
public final class Backends {

  private record Key(String rollout, String variant) {}

  private record Entry(List<Address> addresses, int limit, Pool pool) {
    boolean fits(Variant variant) {
      return limit == variant.maxConcurrency() && addresses.equals(variant.addresses());
    }
  }

  private final RouterMetrics metrics;
  private final Map<Key, Entry> entries = new ConcurrentHashMap<>();

  public Backends(RouterMetrics metrics) {
    this.metrics = metrics;
  }

  /** The servers of a variant as its command names them. */
  public Pool of(String rollout, Variant variant) {
    Key key = new Key(rollout, variant.name());
    Entry known = entries.get(key);
    if (known != null && known.fits(variant)) {
      return known.pool();
    }
    return entries.compute(key, (same, before) -> update(rollout, variant, before)).pool();
  }

  private Entry update(String rollout, Variant variant, @Nullable Entry before) {
    if (before != null && before.fits(variant)) {
      return before;
    }
    Pool pool =
        before == null
            ? Pool.of(variant.addresses(), variant.maxConcurrency())
            : before.pool().with(variant.addresses(), variant.maxConcurrency());
    for (Server server : pool.servers()) {
      metrics.serverKnown(rollout, variant.name(), server);
    }
    return new Entry(variant.addresses(), variant.maxConcurrency(), pool);
  }
}
