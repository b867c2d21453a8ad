package io.serin.analytics.measure;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * The numbers that measure works by.
 *
 * @param handOver how often a partition hands its sums to the rollout's own; wall clock, above 0
 * @param tell how often at most a window is told; wall clock, above 0
 * @param keep how long after its end a window takes late data, by event time; at least the window's
 *     length, for every {@link WindowSize}. Later data counts in the oldest window still kept
 * @param feedbackKeep how long a feedback can be replaced, by event time, above 0
 * @param rolloutPartitions partitions of the repartition topic, at least 1
 */
public record MeasureParameters(
    Duration handOver,
    Duration tell,
    Map<WindowSize, Duration> keep,
    Duration feedbackKeep,
    int rolloutPartitions) {

  public MeasureParameters {
    positive("handOver", handOver);
    positive("tell", tell);
    positive("feedbackKeep", feedbackKeep);
    keep = Map.copyOf(keep);
    for (WindowSize size : WindowSize.values()) {
      Duration kept = keep.get(size);
      if (kept == null || kept.toMillis() < size.millis()) {
        throw new IllegalArgumentException(
            "keep of " + size + " is " + kept + ": it must be at least the window's length");
      }
    }
    if (rolloutPartitions < 1) {
      throw new IllegalArgumentException(
          "rolloutPartitions is " + rolloutPartitions + ": it must be at least 1");
    }
  }

  /** What the service runs with. */
  public static MeasureParameters standard(int rolloutPartitions) {
    Map<WindowSize, Duration> keep = new EnumMap<>(WindowSize.class);
    keep.put(WindowSize.TEN_SECONDS, Duration.ofDays(1));
    keep.put(WindowSize.MINUTE, Duration.ofDays(2));
    keep.put(WindowSize.HOUR, Duration.ofDays(14));
    return new MeasureParameters(
        Duration.ofMillis(250), Duration.ofSeconds(1), keep, Duration.ofDays(7), rolloutPartitions);
  }

  private static void positive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + " is " + value + ": it must be above 0");
    }
  }
}
