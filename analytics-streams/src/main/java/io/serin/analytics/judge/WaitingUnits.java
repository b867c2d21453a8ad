package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.InWindow;
import io.serin.analytics.observation.EventClock;
import io.serin.analytics.observation.Observation;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How many of the newest units of both arms were known to be above a threshold while their request
 * was still running: what a person wants to read of a candidate that hangs. The newest seconds are
 * kept that hold {@value #ENOUGH} units of the candidate, at most {@value #SECONDS}. No decision
 * depends on it. Not thread-safe.
 */
final class WaitingUnits {
  private static final long ENOUGH = 20;
  private static final int SECONDS = 60;
  private static final int CANDIDATE = 0;
  private static final int CONTROL = 2;
  private static final int LONGEST = 4;

  private final Cells cells;
  private final String owner;

  /** {candidate waiting, its units, control waiting, its units, longest mark in ms} by second. */
  private final NavigableMap<Long, long[]> bySecond = new TreeMap<>();

  WaitingUnits(Cells cells, String owner) {
    this.cells = cells;
    this.owner = owner;
    cells
        .of(owner)
        .forEach(
            (index, counts) -> {
              if (index instanceof InWindow of) {
                bySecond.put(of.window(), counts.clone());
              }
            });
  }

  /** A unit's side of its threshold became known. */
  void add(Observation observation, boolean candidate) {
    long second = EventClock.second(observation.eventTime());
    if (!bySecond.isEmpty() && second < bySecond.firstKey()) {
      return;
    }
    long[] counts = bySecond.computeIfAbsent(second, s -> new long[LONGEST + 1]);
    int arm = candidate ? CANDIDATE : CONTROL;
    counts[arm + 1]++;
    if (observation.running()) {
      counts[arm]++;
      counts[LONGEST] = Math.max(counts[LONGEST], observation.durationMicros() / 1_000);
    }
    cells.set(owner, new InWindow(second), counts.clone());
    while (bySecond.size() > SECONDS
        || candidates() - bySecond.firstEntry().getValue()[1] >= ENOUGH) {
      cells.remove(owner, new InWindow(bySecond.pollFirstEntry().getKey()));
    }
  }

  private long candidates() {
    return bySecond.values().stream().mapToLong(counts -> counts[CANDIDATE + 1]).sum();
  }

  /** A clause where the candidate's units wait more than twice as often as control's; or empty. */
  String text(String candidate) {
    long[] sum = new long[LONGEST + 1];
    for (long[] counts : bySecond.values()) {
      for (int i = 0; i < LONGEST; i++) {
        sum[i] += counts[i];
      }
      sum[LONGEST] = Math.max(sum[LONGEST], counts[LONGEST]);
    }
    long waiting = sum[CANDIDATE];
    long units = sum[CANDIDATE + 1];
    if (waiting == 0 || 2 * sum[CONTROL] * units >= waiting * sum[CONTROL + 1]) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        "still waiting after %d s: %d of %d units of %s, %d of %d of control; ",
        sum[LONGEST] / 1_000,
        waiting,
        units,
        candidate,
        sum[CONTROL],
        sum[CONTROL + 1]);
  }
}
