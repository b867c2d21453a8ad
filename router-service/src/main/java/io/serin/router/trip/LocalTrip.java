package io.serin.router.trip;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Watches the attempts of one rollout on this router and says when a candidate fails so grossly
 * that no statistics are needed: {@link TripPolicy}, while control is healthy. Both failing is no
 * reason to trip: the cause lies elsewhere.
 *
 * <p>Control is healthy while fewer than half of its last attempts failed, and at least one is
 * known: a failing candidate's requests are served by control, so its health is known by then.
 * Thread-safe; state is bounded by the window.
 */
public final class LocalTrip {

  private record Attempt(String unit, boolean failed) {}

  private final TripPolicy policy;
  private final Map<String, Deque<Attempt>> candidates = new HashMap<>();
  private final Deque<Attempt> control = new ArrayDeque<>();

  /** Starts without memory of any attempt. */
  public LocalTrip(TripPolicy policy) {
    this.policy = policy;
  }

  /** Control answered or failed an attempt. */
  public synchronized void controlEnded(String unit, boolean failed) {
    remember(control, new Attempt(unit, failed));
  }

  /**
   * A candidate answered or failed an attempt.
   *
   * @return whether the variant must be removed now; its window then starts anew
   */
  public synchronized boolean candidateEnded(String variant, String unit, boolean failed) {
    Deque<Attempt> attempts = candidates.computeIfAbsent(variant, name -> new ArrayDeque<>());
    remember(attempts, new Attempt(unit, failed));
    return failed && judge(variant, attempts);
  }

  /**
   * Judges a candidate again once control's answer to the same request is known.
   *
   * @return whether the variant must be removed now; its window then starts anew
   */
  public synchronized boolean judge(String variant) {
    Deque<Attempt> attempts = candidates.get(variant);
    return attempts != null && judge(variant, attempts);
  }

  /** Forgets the attempts of a variant: a command cleared its trip, or a new run began. */
  public synchronized void forget(String variant) {
    candidates.remove(variant);
  }

  private boolean judge(String variant, Deque<Attempt> attempts) {
    if (failures(attempts) < policy.failures()
        || attempts.stream().filter(Attempt::failed).map(Attempt::unit).distinct().count()
            < policy.units()
        || !controlIsHealthy()) {
      return false;
    }
    candidates.remove(variant);
    return true;
  }

  private boolean controlIsHealthy() {
    return !control.isEmpty() && 2 * failures(control) < control.size();
  }

  private static int failures(Deque<Attempt> attempts) {
    int failures = 0;
    for (Attempt attempt : attempts) {
      failures += attempt.failed() ? 1 : 0;
    }
    return failures;
  }

  private void remember(Deque<Attempt> attempts, Attempt attempt) {
    if (attempts.size() == policy.window()) {
      attempts.removeFirst();
    }
    attempts.addLast(attempt);
  }
}
