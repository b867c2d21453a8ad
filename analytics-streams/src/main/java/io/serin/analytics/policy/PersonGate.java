package io.serin.analytics.policy;

import io.serin.analytics.policy.Session.Current;

/** A stage that names neither a time nor what to show. */
record PersonGate() implements StageGate {
  @Override
  public Progress progress(Current in, String candidate) {
    return Progress.waits("a person decides when stage " + in.stage().name() + " ends");
  }
}
