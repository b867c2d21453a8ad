package io.serin.analytics.gates;

/** A stage that names neither a time nor what to show. */
record PersonGate() implements StageGate {
  @Override
  public Progress progress(StageContext in, String candidate) {
    return Progress.waits("a person decides when stage " + in.stage().name() + " ends");
  }
}
