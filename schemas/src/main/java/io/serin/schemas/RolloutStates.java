package io.serin.schemas;

/** What the state of a rollout's command means to those who act on it. */
public final class RolloutStates {
  private RolloutStates() {}

  /** Whether candidates may be served and guards watch. */
  public static boolean active(RolloutState state) {
    return switch (state) {
      case RUNNING, PAUSED, FROZEN -> true;
      case UNKNOWN, ROLLED_BACK, PROMOTED, ABORTED, RETIRED, FAILED -> false;
    };
  }

  /** Whether the run's file still decides who is served: it is active, or was promoted. */
  public static boolean stands(RolloutState state) {
    return active(state) || state == RolloutState.PROMOTED;
  }
}
