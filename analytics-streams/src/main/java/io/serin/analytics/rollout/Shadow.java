package io.serin.analytics.rollout;

/**
 * How requests are replayed offline.
 *
 * @param sample share of units whose requests are captured, 0 … 10000 basis points
 * @param requestsPerSecond budget; 0 is without limit
 * @param controlReplay share of captured requests on which control is replayed too, 0 … 10000 basis
 *     points
 */
public record Shadow(int sample, int maxConcurrency, double requestsPerSecond, int controlReplay) {
  /** What a shadow stage does where the file says no more. */
  public static final Shadow DEFAULT = new Shadow(Split.SLOTS, 8, 20, 0);

  public Shadow {
    if (maxConcurrency < 1 || maxConcurrency > 1_000) {
      throw new InvalidField("maxConcurrency", maxConcurrency, "must lie between 1 and 1000");
    }
    if (!(requestsPerSecond >= 0) || Double.isInfinite(requestsPerSecond)) {
      throw new InvalidField(
          "requestsPerSecond", requestsPerSecond, "must be 0 (no limit) or more");
    }
  }
}
