package io.serin.simulation.ugly;

import io.serin.schemas.RolloutState;
import java.util.List;

/**
 * How one run ended.
 *
 * @param phase of the rollout at the end
 * @param firedBy metric of the guard that rolled back; empty where none did
 * @param requests from the fault's beginning until the end, or until the stream was over
 * @param millis the same in time
 * @param limit requests from the fault on after which its information is ln(1/α): fewer cannot
 *     suffice any test; infinite where there is no fault
 * @param noData times that people were told of missing data
 * @param announced whether it was promoted within the size announced
 * @param others of the rules held beside it, in the order of {@link Others#NAMES}: requests until
 *     they rolled back, infinite where they did not
 */
record Ending(
    RolloutState phase,
    String firedBy,
    long requests,
    long millis,
    double limit,
    int noData,
    boolean announced,
    List<Double> others) {
  Ending {
    others = List.copyOf(others);
  }

  boolean rolledBack() {
    return phase == RolloutState.ROLLED_BACK;
  }

  boolean promoted() {
    return phase == RolloutState.PROMOTED;
  }
}
