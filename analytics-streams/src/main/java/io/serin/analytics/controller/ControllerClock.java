package io.serin.analytics.controller;

import io.serin.schemas.RolloutState;
import io.serin.schemas.RolloutStates;

/**
 * How much of the clock counts. Records may come from a machine whose clock is fast: they carry the
 * rollout's time at most {@value #AHEAD} ms past the controller's own last look at its clock. A
 * stage's length is counted in watched time, of which one step of the clock adds at most two hours:
 * neither a jump nor a controller that was away makes a stage end early. A clock that is set back
 * takes every appointment with it.
 */
public final class ControllerClock {
  static final long AHEAD = 60_000;
  static final long LONGEST_STEP = 7_200_000;

  private ControllerClock() {}

  /** True where the controller's clock was set back. */
  static boolean setBack(Status status, long now) {
    return now < status.now - 2 * AHEAD;
  }

  static void pass(Status status, Input input) {
    Status.Run run = status.run;
    boolean active = run != null && RolloutStates.active(run.phase);
    boolean tick = input instanceof Input.Tick;
    if (tick && setBack(status, input.at())) {
      goBack(status, input.at());
    }
    long before = status.now;
    boolean capped = !tick && active && status.tickedAt > 0;
    long at = capped ? Math.min(input.at(), status.tickedAt + AHEAD) : input.at();
    status.now = Math.max(before, at);
    if (tick) {
      status.tickedAt = input.at();
      // A command of a clock that was ahead: people's actions count from now on.
      status.heedFrom = Math.min(status.heedFrom, input.at());
    }
    if (run != null && active && run.phase != RolloutState.PAUSED) {
      run.watched += Math.min(status.now - before, LONGEST_STEP);
    }
  }

  private static void goBack(Status status, long at) {
    status.now = at;
    status.routers.values().forEach(router -> router.heardAt = Math.min(router.heardAt, at));
    Status.Run run = status.run;
    if (run != null) {
      run.nextReport = Math.min(run.nextReport, at);
      run.renewedAt = 0;
      run.stageSince = Math.min(run.stageSince, at);
      run.evidence
          .values()
          .forEach(
              seen -> {
                seen.arrivedAt = Math.min(seen.arrivedAt, at);
                seen.happenedAt = Math.min(seen.happenedAt, at);
              });
      run.controlTraffic.goBack(at);
      run.confirmations.forEach(
          waiting -> {
            long length = waiting.deadline - waiting.decidedAt;
            waiting.decidedAt = Math.min(waiting.decidedAt, at);
            waiting.deadline = waiting.decidedAt + length;
          });
    }
  }
}
