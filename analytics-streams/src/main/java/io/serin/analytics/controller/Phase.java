package io.serin.analytics.controller;

/** Where a run stands. */
public enum Phase {
  RUNNING,
  /** By a person: nothing moves and no time passes. */
  PAUSED,
  /** By a guard at its signal level, a trip or a broken split: no next stage. */
  FROZEN,
  ROLLED_BACK,
  PROMOTED,
  ABORTED,
  RETIRED,
  /** The controller could not act on it: control serves, until a new file or a person's action. */
  FAILED;

  /** True while candidates may be served and guards watch. */
  public boolean active() {
    return switch (this) {
      case RUNNING, PAUSED, FROZEN -> true;
      case ROLLED_BACK, PROMOTED, ABORTED, RETIRED, FAILED -> false;
    };
  }
}
