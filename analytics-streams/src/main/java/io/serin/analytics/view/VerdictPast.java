package io.serin.analytics.view;

import io.serin.schemas.Decision;
import io.serin.schemas.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The verdicts of one rollout's past, thinned: what changed a decision and what was said shortly
 * before an event stays; of the rest, the newest. Not thread-safe.
 */
final class VerdictPast {
  private static final int MOST = 6_000;
  private static final Duration BESIDE = Duration.ofSeconds(15);

  private final TreeSet<Instant> events = new TreeSet<>();
  private List<Verdict> verdicts = new ArrayList<>();

  void add(Verdict verdict) {
    verdicts.add(verdict);
    if (verdicts.size() > MOST) {
      thin();
    }
  }

  /** Something happened at this time: what was said shortly before stays. */
  void keepBefore(Instant event) {
    events.add(event);
    if (events.size() > RolloutView.STEPS) {
      events.pollFirst();
    }
  }

  /** Oldest first. */
  List<Verdict> all() {
    return List.copyOf(verdicts);
  }

  /** Keeps of the older half what matters, and never more than half as many as may be kept. */
  private void thin() {
    Map<String, Decision> before = new HashMap<>();
    List<Verdict> kept = new ArrayList<>();
    int half = verdicts.size() / 2;
    for (int i = 0; i < half; i++) {
      Verdict verdict = verdicts.get(i);
      Decision last = before.put(RolloutView.guardOf(verdict), verdict.getDecision());
      Instant event = events.ceiling(verdict.getAt());
      boolean beside =
          event != null && Duration.between(verdict.getAt(), event).compareTo(BESIDE) <= 0;
      if (last != verdict.getDecision() || beside) {
        kept.add(verdict);
      }
    }
    List<Verdict> all =
        new ArrayList<>(kept.subList(Math.max(0, kept.size() - half / 2), kept.size()));
    all.addAll(verdicts.subList(half, verdicts.size()));
    verdicts = all;
  }
}
