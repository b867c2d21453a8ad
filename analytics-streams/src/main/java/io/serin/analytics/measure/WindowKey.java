package io.serin.analytics.measure;

/**
 * What one line of metrics is about: a variant of a rollout's run and stage in one window.
 *
 * @param windowMillis length of the window, milliseconds
 * @param windowStart inclusive, milliseconds since the epoch
 */
public record WindowKey(
    long windowMillis, long windowStart, String rollout, String run, int stage, String variant) {

  /** Below every key of a window that starts at or after {@code start}. */
  static WindowKey lowest(WindowSize size, long start) {
    return new WindowKey(size.millis(), start, "", "", 0, "");
  }

  /** The same variant in the window of another length or time. */
  WindowKey in(WindowSize size, long start) {
    return new WindowKey(size.millis(), start, rollout, run, stage, variant);
  }
}
