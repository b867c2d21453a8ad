package io.serin.router.exchange;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the data plane offers beyond the rollouts.
 *
 * @param defaultRollout serves models that are no rollout, and its control every other path; null
 *     refuses both
 * @param corsOrigins pages that may call from a browser, "*" for every page; empty allows none
 * @param maxInFlight most requests under way on this router; more are answered 429; 0 is without
 *     limit
 * @param gzipFromBytes whole answers of at least this many bytes are compressed for clients that
 *     accept gzip; 0 compresses none
 * @param logRequests whether each attempt is logged, without content
 */
public record ApiSettings(
    @Nullable String defaultRollout,
    Set<String> corsOrigins,
    int maxInFlight,
    int gzipFromBytes,
    boolean logRequests) {

  /** No default rollout, no browsers, ten thousand requests at a time. */
  public static final ApiSettings DEFAULT = new ApiSettings(null, Set.of(), 10_000, 0, false);

  /** Checks the bounds. */
  public ApiSettings {
    corsOrigins = Set.copyOf(corsOrigins);
    for (String origin : corsOrigins) {
      if (!origin.equals("*") && !origin.matches("https?://[^/\\s]+")) {
        throw new IllegalArgumentException(
            "cors-origin: '" + origin + "', must be * or http(s)://HOST[:PORT] without a path");
      }
    }
    notNegative("max-in-flight", maxInFlight);
    notNegative("gzip-from-bytes", gzipFromBytes);
  }

  private static void notNegative(String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + ": " + value + ", must be 0 or more");
    }
  }
}
