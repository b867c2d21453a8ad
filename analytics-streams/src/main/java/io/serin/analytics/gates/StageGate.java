package io.serin.analytics.gates;

import io.serin.rollout.AbPlan;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Stage;
import io.serin.rollout.Until;

/**
 * What a stage must show of a candidate before the next stage, besides having lasted. Stateless:
 * what it reads is in the run.
 *
 * <p>A new kind of stage implements this, and is chosen in {@link #of}.
 */
public sealed interface StageGate
    permits ScheduleGate, DetectionGate, PromotionGate, AbGate, PersonGate, PairsGate {
  Progress progress(StageContext in, String candidate);

  static StageGate of(RolloutFile file, Stage stage) {
    AbPlan ab = file.ab();
    if (ab != null) {
      return new AbGate(ab);
    }
    Until until = stage.until();
    if (until == null) {
      return new PersonGate();
    }
    return switch (until) {
      case TIME -> new ScheduleGate();
      case DETECTION -> new DetectionGate();
      case GATE -> new PromotionGate();
      case PAIRS -> new PairsGate();
    };
  }
}
