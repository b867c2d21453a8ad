package io.serin.analytics.api;

import io.serin.rollout.RolloutFile;
import io.serin.rollout.Stage;
import io.serin.rollout.Variant;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.Command;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Slice;
import java.util.HashMap;
import java.util.Map;

/** What a new run would do to the users of one that has not ended. Pure. */
final class StartOver {
  private StartOver() {}

  /**
   * One sentence: which stage begins, and how many units move.
   *
   * @param serving the command of the run that would end
   * @param file of the run that would begin
   */
  static String effect(Command serving, RolloutFile file) {
    Stage first = file.stages().getFirst();
    return "%s is %s: a new run would begin in stage %s, about %d%% of units would move to another variant, and all evidence would start from zero"
        .formatted(
            file.rollout(),
            serving.getState() == RolloutState.PROMOTED
                ? "PROMOTED"
                : serving.getState() + " in stage " + serving.getStageName(),
            first.name(),
            Math.round(100 * moved(serving, first)));
  }

  /** The share of units that change their variant: a new run assigns every unit anew. */
  private static double moved(Command serving, Stage first) {
    Map<String, Integer> after = new HashMap<>(first.weights());
    after.replaceAll((name, slots) -> first.full() ? slots - Stage.HOLDBACK : slots);
    int candidates = after.values().stream().mapToInt(Integer::intValue).sum();
    after.put(Variant.CONTROL, Split.SLOTS - candidates);
    double stays = 0;
    for (Slice slice : serving.getSplit()) {
      double before = slice.getTo() - slice.getFrom();
      stays += before / Split.SLOTS * after.getOrDefault(slice.getVariant(), 0) / Split.SLOTS;
    }
    return 1 - stays;
  }
}
