package io.serin.worker;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.DeadLetter;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowResult;
import io.serin.worker.budget.Spend;
import java.util.List;

/** Replaying one request: what is given, and what comes of it. */
final class Replay {
  private Replay() {}

  /** Where a captured request lies. */
  record Place(String topic, int partition, long offset) {}

  /** A captured request and where it lies. Its toString shows no content. */
  record Task(CapturedPayload payload, Place place) {
    @Override
    public String toString() {
      return "Task[" + place + "]";
    }
  }

  /**
   * What came of it.
   *
   * @param results one for each candidate, or one that says why none was asked
   * @param examples texts of those results that tell something, where the plan keeps them
   * @param deadLetters where no model could be asked
   * @param used by all calls
   */
  record Done(
      List<ShadowResult> results,
      List<ShadowExample> examples,
      List<DeadLetter> deadLetters,
      Spend used) {
    static final Done NOTHING = new Done(List.of(), List.of(), List.of(), Spend.NOTHING);
  }
}
