package io.serin.rehearsal.traffic;

import io.serin.rollout.value.Quantities;
import java.time.Duration;

/**
 * What the traffic is like. Shares are from 0 to 1.
 *
 * @param duration no request is due at or after it
 * @param requests at most so many
 * @param newUsers chance that a request is a new user's, more than 0
 * @param streamed share of requests that ask for a stream
 * @param conversations chance that a returning user goes on with the last conversation, for at most
 *     eight turns; 0 turns conversations off
 * @param completions share of requests to the older completions endpoint
 * @param seed of everything drawn
 */
public record TrafficSettings(
    Duration duration,
    long requests,
    double newUsers,
    double streamed,
    double conversations,
    double completions,
    long seed) {

  public TrafficSettings {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(
          "duration: " + Quantities.text(duration) + " must be more than 0");
    }
    if (requests < 1) {
      throw new IllegalArgumentException("requests: " + requests + " must be at least 1");
    }
    check("new users", newUsers);
    check("streamed", streamed);
    check("conversations", conversations);
    check("completions", completions);
  }

  private static void check(String name, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(name + ": " + share + " must be from 0 to 1");
    }
  }
}
