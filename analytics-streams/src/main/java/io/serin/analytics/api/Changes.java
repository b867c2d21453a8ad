package io.serin.analytics.api;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Changes of rollouts that were put on their topics and not yet seen in the view. Of many that
 * expect the same revision one goes through. Holds within one instance of analytics. Thread-safe.
 */
final class Changes {
  private final Map<String, Object> locks = new ConcurrentHashMap<>();
  private final Map<String, Long> claimed = new ConcurrentHashMap<>();

  /** What a change of this rollout is made under. */
  Object of(String rollout) {
    return locks.computeIfAbsent(rollout, unused -> new Object());
  }

  /**
   * Takes a revision for one change.
   *
   * @param expected null takes none
   * @throws ApiError 409 where another change has taken it
   */
  void claim(String rollout, @Nullable Long expected) throws ApiError {
    if (expected == null) {
      return;
    }
    if (expected.equals(claimed.get(rollout))) {
      throw ApiError.of(
          409, "expectedRevision", expected, "another change of this revision is under way");
    }
    claimed.put(rollout, expected);
  }

  /** Gives a revision back: the change was refused. */
  void release(String rollout, @Nullable Long expected) {
    if (expected != null) {
      claimed.remove(rollout, expected);
    }
  }
}
