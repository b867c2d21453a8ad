package io.serin.analytics.measure;

/** The lengths of window that metrics are told in. Windows start at multiples of their length. */
public enum WindowSize {
  TEN_SECONDS(10_000),
  MINUTE(60_000),
  HOUR(3_600_000);

  private final long millis;

  WindowSize(long millis) {
    this.millis = millis;
  }

  public long millis() {
    return millis;
  }

  /** Start of the window that holds a moment, both in milliseconds since the epoch. */
  public long startOf(long timestamp) {
    return timestamp - Math.floorMod(timestamp, millis);
  }

  /** Start of the first window that begins at a moment or after it. */
  public long startAtOrAfter(long timestamp) {
    long start = startOf(timestamp);
    return start == timestamp ? start : start + millis;
  }
}
