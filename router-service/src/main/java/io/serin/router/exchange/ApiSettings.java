package io.serin.router.exchange;

import io.serin.router.http.Http2;
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
 * @param hostNames names with a dot by which clients reach the port, "*" for every name
 * @param feedbackPerSecond feedbacks of one key or address that are taken each second; 0 is without
 *     limit
 * @param http2 where HTTP/2 is spoken
 */
public record ApiSettings(
    @Nullable String defaultRollout,
    Set<String> corsOrigins,
    int maxInFlight,
    int gzipFromBytes,
    boolean logRequests,
    Set<String> hostNames,
    int feedbackPerSecond,
    Http2 http2) {

  public static final int DEFAULT_FEEDBACK_PER_SECOND = 100;

  /** No default rollout, no browsers, ten thousand requests at a time. */
  public static final ApiSettings DEFAULT =
      new ApiSettings(
          null, Set.of(), 10_000, 0, false, Set.of(), DEFAULT_FEEDBACK_PER_SECOND, Http2.DEFAULT);

  /** Checks the bounds. */
  public ApiSettings {
    corsOrigins = Set.copyOf(corsOrigins);
    hostNames = Set.copyOf(hostNames);
    for (String origin : corsOrigins) {
      if (!origin.equals("*") && !origin.matches("https?://[^/\\s]+")) {
        throw new IllegalArgumentException(
            "cors-origin: '" + origin + "', must be * or http(s)://HOST[:PORT] without a path");
      }
    }
    notNegative("max-in-flight", maxInFlight);
    notNegative("gzip-from-bytes", gzipFromBytes);
    notNegative("feedback-per-second", feedbackPerSecond);
  }

  private static void notNegative(String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + ": " + value + ", must be 0 or more");
    }
  }
}
