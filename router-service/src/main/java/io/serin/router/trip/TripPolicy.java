package io.serin.router.trip;

/**
 * When a router removes a variant by itself.
 *
 * @param window how many of the variant's last attempts are looked at, at least 1
 * @param failures how many of them must have failed, 1 … window
 * @param units how many different units these failures must come from, at least 1
 */
public record TripPolicy(int window, int failures, int units) {

  /** At least 10 of the last 12 attempts, from at least 3 units. */
  public static final TripPolicy DEFAULT = new TripPolicy(12, 10, 3);

  /** Checks the bounds. */
  public TripPolicy {
    if (window < 1 || failures < 1 || failures > window || units < 1 || units > failures) {
      throw new IllegalArgumentException(
          "trip: "
              + failures
              + " of "
              + window
              + " from "
              + units
              + " units, must be 1 <= units <= failures <= window");
    }
  }
}
