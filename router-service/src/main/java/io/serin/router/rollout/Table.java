package io.serin.router.rollout;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides who serves, at one moment: the adopted rollouts, the local trips and the
 * rollouts forced to control. Immutable.
 *
 * @param version grows with every change on this router
 * @param rollouts by name
 * @param trips variants removed by this router
 * @param forced rollouts that a person forced to control on this router
 */
public record Table(
    long version, Map<String, Rollout> rollouts, Set<Trip> trips, Set<String> forced) {

  /** A variant removed by this router. */
  public record Trip(String rollout, String variant) implements Comparable<Trip> {
    /** As heartbeats name it: "rollout/variant". */
    @Override
    public String toString() {
      return rollout + "/" + variant;
    }

    @Override
    public int compareTo(Trip other) {
      return toString().compareTo(other.toString());
    }
  }

  static final Table EMPTY = new Table(0, Map.of(), Set.of(), Set.of());

  /** The rollout that clients ask for by this name, or null. */
  public @Nullable Rollout rollout(String name) {
    return rollouts.get(name);
  }

  /** All rollouts. */
  public Collection<Rollout> all() {
    return rollouts.values();
  }

  /** Whether this router removed the variant, by a trip or by force. */
  public boolean removed(String rollout, Variant variant) {
    return !variant.control()
        && ((!forced.isEmpty() && forced.contains(rollout))
            || (!trips.isEmpty() && trips.contains(new Trip(rollout, variant.name()))));
  }

  /**
   * Whether an attempt of this variant that has not begun to answer may go on: control always, a
   * candidate as long as it owns slots and is not removed.
   */
  public boolean keeps(Rollout startedUnder, Variant variant) {
    if (variant.control()) {
      return true;
    }
    Rollout now = rollouts.get(startedUnder.name());
    return now != null && now.gives(variant.name()) && !removed(now.name(), variant);
  }
}
