package io.serin.router.rollout;

import io.serin.schemas.RolloutState;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides who serves, at one moment: the adopted rollouts, the local trips and the
 * rollouts forced to control, or back on it since their lease ended. Immutable.
 *
 * @param version grows with every change on this router
 * @param rollouts by name
 * @param trips variants removed by this router
 * @param forced rollouts that a person forced to control on this router
 * @param lapsed rollouts whose lease ended
 */
public record Table(
    long version,
    Map<String, Rollout> rollouts,
    Set<Trip> trips,
    Set<String> forced,
    Set<String> lapsed) {

  /**
   * A variant of one run removed by this router: who applies a file anew gives its candidates a new
   * chance.
   */
  public record Trip(String rollout, String variant, String run) implements Comparable<Trip> {
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

  static final Table EMPTY = new Table(0, Map.of(), Set.of(), Set.of(), Set.of());

  /** The rollout that clients ask for by this name, or null. */
  public @Nullable Rollout rollout(String name) {
    return rollouts.get(name);
  }

  /** All rollouts. */
  public Collection<Rollout> all() {
    return rollouts.values();
  }

  /** Whether the rollout is back on control since its lease ended. */
  public boolean lapsed(String rollout) {
    return !lapsed.isEmpty() && lapsed.contains(rollout);
  }

  /**
   * Whether this router removed the variant: by a trip, by force, by the end of a lease, or since
   * it cannot be served.
   */
  public boolean removed(String rollout, Variant variant) {
    return !variant.control()
        && (lapsed(rollout)
            || unservable(rollout, variant)
            || (!forced.isEmpty() && forced.contains(rollout))
            || (!trips.isEmpty()
                && trips.contains(new Trip(rollout, variant.name(), run(rollout)))));
  }

  private boolean unservable(String rollout, Variant variant) {
    Rollout serving = rollouts.get(rollout);
    return serving != null && serving.unservable().contains(variant.name());
  }

  /** The run of the rollout's command; empty before there is one. */
  String run(String rollout) {
    Rollout serving = rollouts.get(rollout);
    return serving == null ? "" : serving.command().getRun();
  }

  /** Whether the variant was retired since a request began: it may be switched off by now. */
  public boolean retired(Rollout startedUnder, Variant variant) {
    Rollout now = rollouts.get(startedUnder.name());
    return now != null
        && now.command().getState() == RolloutState.RETIRED
        && !now.variants().containsKey(variant.name());
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

  /** The same of an attempt that a tester's token asked for. */
  public boolean keepsForTester(Rollout startedUnder, Variant variant) {
    Rollout now = rollouts.get(startedUnder.name());
    Variant same = now == null ? null : now.variants().get(variant.name());
    return now != null && same != null && now.lendsToTesters(same) && !removed(now.name(), variant);
  }
}
