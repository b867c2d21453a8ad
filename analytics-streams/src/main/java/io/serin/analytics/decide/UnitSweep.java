package io.serin.analytics.decide;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Forgets units whose time is over: looks through the store a part at a time, and begins again at
 * its end. Only what no guard will ask for any more is forgotten, so when it looks cannot change a
 * verdict. Not thread-safe.
 */
final class UnitSweep {
  /** Entries looked at in one go: a few milliseconds. */
  static final int PART = 2_000;

  private final KeyValueStore<String, byte[]> units;
  private final BiPredicate<String, String> over;
  private final UnitRetention retention;
  private @Nullable String next;

  /**
   * @param over whether a run of a rollout is over
   */
  UnitSweep(
      KeyValueStore<String, byte[]> units,
      BiPredicate<String, String> over,
      UnitRetention retention) {
    this.units = units;
    this.over = over;
    this.retention = retention;
  }

  /**
   * Looks at the next part.
   *
   * @param newest event of the partition, milliseconds since the epoch
   */
  void look(long newest) {
    List<String> old = new ArrayList<>();
    String reached = null;
    try (KeyValueIterator<String, byte[]> entries = units.range(next, null)) {
      for (int i = 0; i < PART && entries.hasNext(); i++) {
        KeyValue<String, byte[]> entry = entries.next();
        if (forgets(entry.key, UnitStates.lastSeen(entry.value), newest)) {
          old.add(entry.key);
        }
      }
      reached = entries.hasNext() ? entries.peekNextKey() : null;
    }
    old.forEach(units::delete);
    next = reached;
  }

  private boolean forgets(String key, long lastSeen, long newest) {
    if (newest - lastSeen > retention.idle().toMillis()) {
      return true;
    }
    int slash = key.indexOf('/');
    int second = key.indexOf('/', slash + 1);
    return newest - lastSeen > retention.afterRun().toMillis()
        && over.test(key.substring(0, slash), key.substring(slash + 1, second));
  }
}
