package io.serin.worker;

import io.serin.schemas.ShadowPlan;
import org.jspecify.annotations.Nullable;

/**
 * What is replayed together: the live requests of one rollout, or one backfill. Each has a consumer
 * group of its own, so that none can hold up another.
 *
 * @param backfill its name; null for the live requests
 */
record LaneId(String rollout, @Nullable String backfill) {
  /** Prefix of the consumer groups. */
  static final String GROUP = "serin-shadow-worker";

  static LaneId live(String rollout) {
    return new LaneId(rollout, null);
  }

  /** The consumer group, and the prefix of transactional ids. */
  String group() {
    return GROUP + (backfill == null ? "." : "-backfill." + backfill + ".") + rollout;
  }

  /** The key of the lane's records on serin.workers. */
  String key(String worker) {
    return worker + "/" + rollout + (backfill == null ? "" : "/" + backfill);
  }

  /** How many pairs may be asked at a time, over all workers. */
  static int places(@Nullable ShadowPlan plan) {
    return plan == null ? 1 : plan.getMaxConcurrency();
  }
}
