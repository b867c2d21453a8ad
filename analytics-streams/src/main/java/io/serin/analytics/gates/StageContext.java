package io.serin.analytics.gates;

import io.serin.rollout.RolloutFile;
import io.serin.rollout.Stage;
import io.serin.schemas.Decision;
import java.util.Map;

/** What a stage's gate reads of the run under way. */
public interface StageContext {
  RolloutFile file();

  Stage stage();

  /** Index of the stage under way. */
  int stageIndex();

  /** What each guard decided last, by metric/candidate. */
  Map<String, Decision> decisions();

  /** Where an A/B test of this candidate stands. */
  AbState ab(String candidate);

  PromotionEvidence evidence();

  ShadowPairs pairs();

  /** The candidate's share of its units and control's. */
  double share(String candidate);
}
