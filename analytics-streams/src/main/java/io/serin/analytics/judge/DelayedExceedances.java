package io.serin.analytics.judge;

import io.serin.analytics.observation.EventClock;

/**
 * A both-outcome bet on first requests that counts each from the second on in which the side of
 * either arm's would be known. Slow answers are else missing among those of their time, and the
 * answers of the faster arm would be taken for evidence. Not thread-safe.
 */
final class DelayedExceedances {
  /**
   * A first request whose side of its threshold is known.
   *
   * @param due second of event time after which it counts; the smallest long: at once
   * @param window of event time that it counts in
   * @param version of the threshold
   * @param over whether it lies above
   */
  record Told(
      long due, long window, int version, StratumId stratum, boolean candidate, boolean over) {}

  /** Hears of each unit that is counted. */
  interface Counted {
    void unit(StratumId stratum, boolean candidate);
  }

  private final Exceedances counted;
  private final DelayedCounts delayed;
  private final EventClock clock;

  DelayedExceedances(Exceedances counted, Cells cells, String owner, EventClock clock) {
    this.counted = counted;
    this.delayed = new DelayedCounts(cells, owner, 4);
    this.clock = clock;
  }

  /** What is counted by now. */
  Exceedances counted() {
    return counted;
  }

  /** Counts a first request, now or when it is due. */
  void add(Told told, Counted unit) {
    if (clock.passed(told.due)) {
      counted.add(told.window, told.version, told.stratum, told.candidate, told.over);
      unit.unit(told.stratum, told.candidate);
    } else {
      delayed.add(
          told.due, told.version, told.stratum, (told.candidate ? 0 : 2) + (told.over ? 0 : 1));
    }
  }

  /** Counts what is due by now. */
  void release(Counted unit) {
    delayed.release(
        clock,
        (second, version, stratum, counts) -> {
          long window = window(second);
          for (int at = 0; at < counts.length; at++) {
            for (long n = counts[at]; n > 0; n--) {
              counted.add(window, version, stratum, at < 2, at % 2 == 0);
              unit.unit(stratum, at < 2);
            }
          }
        });
  }

  /** The window of what is due in this second. */
  static long window(long second) {
    return Strata.window(second * 1_000);
  }
}
