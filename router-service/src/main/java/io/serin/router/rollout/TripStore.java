package io.serin.router.rollout;

import java.util.Map;
import java.util.Set;

/** Keeps what this router removed over a restart. */
public interface TripStore {

  /**
   * What this router removed.
   *
   * @param trips variants
   * @param forced rollouts forced to control
   * @param ranOut the command under which a lease ran out, by rollout
   */
  record Removals(Set<Table.Trip> trips, Set<String> forced, Map<String, String> ranOut) {

    /** Nothing is removed. */
    public static final Removals NONE = new Removals(Set.of(), Set.of(), Map.of());

    /** Copies. */
    public Removals {
      trips = Set.copyOf(trips);
      forced = Set.copyOf(forced);
      ranOut = Map.copyOf(ranOut);
    }
  }

  /** What was written last; {@link Removals#NONE} where nothing was. */
  Removals read();

  /**
   * Hands over what to keep. Never blocks and never throws: a router that cannot keep a trip still
   * obeys it.
   */
  void write(Removals removals);

  /** Remembers nothing. */
  static TripStore none() {
    return new TripStore() {
      @Override
      public Removals read() {
        return Removals.NONE;
      }

      @Override
      public void write(Removals removals) {}
    };
  }
}
