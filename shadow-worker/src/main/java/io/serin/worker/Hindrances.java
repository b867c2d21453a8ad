package io.serin.worker;

import io.serin.worker.budget.RequestSchedule;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What delays the replays of one lane, as serin.workers states it: an unavailable candidate, a
 * spent budget, a rate limit, or slow answers. Thread-safe.
 */
final class Hindrances {
  private static final long BUDGET_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(5);

  /**
   * A state of serin.workers.
   *
   * @param cause in words, or null
   */
  record Hindrance(String state, @Nullable String cause) {}

  /** A budget that is spent, and when that was last found. */
  private record Spent(String reason, long at) {}

  private final UnavailableVariants unavailable;
  private final Map<String, RequestSchedule> paces = new ConcurrentHashMap<>();
  private final Map<Object, Long> underWay = new ConcurrentHashMap<>();
  private final AtomicInteger limited = new AtomicInteger();
  private volatile long limitedAt;
  private volatile @Nullable Spent spent;

  Hindrances(UnavailableVariants unavailable) {
    this.unavailable = unavailable;
  }

  /** The rate of a variant's calls. */
  RequestSchedule pace(String variant) {
    return paces.computeIfAbsent(variant, ignored -> new RequestSchedule());
  }

  void began(Object pair) {
    underWay.put(pair, System.nanoTime());
  }

  void ended(Object pair) {
    underWay.remove(pair);
  }

  /** A model answered 429. */
  void limited() {
    limited.incrementAndGet();
    limitedAt = System.nanoTime();
  }

  /**
   * What the budget said to the newest replay.
   *
   * @param reason why it may not begin, or null
   */
  void budget(@Nullable String reason) {
    spent = reason == null ? null : new Spent(reason, System.nanoTime());
  }

  /**
   * The state now.
   *
   * @param pending whether any request waits
   * @param full whether every permit is taken
   */
  Hindrance now(boolean pending, boolean full) {
    String cause = unavailable.cause();
    if (cause != null && pending) {
      return new Hindrance("candidate-away", cause);
    }
    long now = System.nanoTime();
    Spent budget = spent;
    if (budget != null && now - budget.at() < BUDGET_NANOS) {
      return new Hindrance("over-budget", budget.reason());
    }
    boolean held = paces.values().stream().anyMatch(pace -> pace.held(now));
    if (limited.get() > 0 && (held || now - limitedAt < LIMIT_NANOS)) {
      return new Hindrance("rate-limited", limited.get() + " answers with status 429 so far");
    }
    long oldest = underWay.values().stream().mapToLong(from -> now - from).max().orElse(0);
    if (oldest > SLOW_NANOS && full) {
      return new Hindrance(
          "slow",
          "every permit is taken; the oldest pair has waited for "
              + TimeUnit.NANOSECONDS.toSeconds(oldest)
              + " s");
    }
    return new Hindrance(pending ? "replaying" : "idle", null);
  }
}
