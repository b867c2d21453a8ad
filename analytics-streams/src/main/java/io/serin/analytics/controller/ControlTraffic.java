package io.serin.analytics.controller;

import java.util.TreeMap;

/**
 * How often control gave evidence, by the hour, for a little more than a day: what is expected of
 * it now. Plain fields, kept with {@link Status}. Not thread-safe.
 */
final class ControlTraffic {
  private static final long HOUR = 3_600_000;
  private static final long DAY = 24;
  private static final long KEPT = DAY + 2;

  /** What is expected at the rate of yesterday's hours is held against a third of it. */
  private static final double QUIETER_THAN_YESTERDAY = 3;

  /** Traffic does not fall to a twentieth within half an hour by itself. */
  private static final double SUDDENLY = 20;

  private static final long SUDDEN = HOUR / 2;

  /** Observations by hour since the epoch. */
  TreeMap<Long, Long> hours = new TreeMap<>();

  long firstAt;
  long newestAt;

  /** Control gave evidence. */
  void saw(long now) {
    firstAt = firstAt == 0 ? now : Math.min(firstAt, now);
    newestAt = now;
    hours.merge(Math.floorDiv(now, HOUR), 1L, Long::sum);
    hours.headMap(Math.floorDiv(now, HOUR) - KEPT).clear();
  }

  /** The clock was set back. */
  void goBack(long at) {
    newestAt = Math.min(newestAt, at);
    firstAt = Math.min(firstAt, at);
    hours.tailMap(Math.floorDiv(at, HOUR), false).clear();
  }

  /** True before the first. */
  boolean none() {
    return hours.isEmpty();
  }

  /**
   * Observations of control that should have come since the newest, by a cautious reckoning: a
   * third of the lesser of the rates before the silence and at the same time yesterday, or a
   * twentieth of the rate before it for half an hour.
   */
  double expected(long now) {
    if (hours.isEmpty() || now <= newestAt) {
      return 0;
    }
    double recent = rate(Math.floorDiv(newestAt, HOUR) - 1, newestAt);
    double yesterday = 0;
    for (long at = newestAt; at < now; at = (Math.floorDiv(at, HOUR) + 1) * HOUR) {
      long until = Math.min(now, (Math.floorDiv(at, HOUR) + 1) * HOUR);
      yesterday += (until - at) * Math.min(recent, yesterday(Math.floorDiv(at, HOUR)));
    }
    return Math.max(
        yesterday / QUIETER_THAN_YESTERDAY, Math.min(now - newestAt, SUDDEN) * recent / SUDDENLY);
  }

  /** A millisecond's observations a day before an hour: the least of it and the hours beside it. */
  private double yesterday(long hour) {
    long least = Long.MAX_VALUE;
    for (long each = hour - DAY - 1; each <= hour - DAY + 1; each++) {
      least = Math.min(least, hours.getOrDefault(each, 0L));
    }
    return least / (double) HOUR;
  }

  /** A millisecond's observations from the beginning of an hour until then. */
  private double rate(long hour, long until) {
    long count = hours.tailMap(hour).values().stream().mapToLong(each -> each).sum();
    return count / (double) Math.max(1_000, until - Math.max(hour * HOUR, firstAt));
  }
}
