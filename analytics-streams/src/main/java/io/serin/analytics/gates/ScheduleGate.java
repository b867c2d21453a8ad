package io.serin.analytics.gates;

/** Time alone; but missing data is never a pass: a served candidate must have been seen. */
record ScheduleGate() implements StageGate {
  @Override
  public Progress progress(StageContext in, String candidate) {
    if (in.stage().shadow()
        || in.evidence().errors(candidate).inStage(in.stageIndex()).candidateUnits() > 0) {
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
