package io.serin.analytics.policy;

import io.serin.analytics.policy.Session.Current;

/** Time alone; but missing data is never a pass: a served candidate must have been seen. */
record ScheduleGate() implements StageGate {
  @Override
  public Progress progress(Current in, String candidate) {
    if (in.stage().shadow()
        || in.gate().errors(candidate).inStage(in.run().stage).candidateUnits() > 0) {
      return Progress.shown("the schedule asks for nothing more");
    }
    return Progress.waits(
        "no unit of "
            + candidate
            + " was seen in stage "
            + in.stage().name()
            + ": missing data is never a pass");
  }
}
