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
 * @param senders how much one client key or address counts
 * @param http2 where HTTP/2 is spoken
 */
public record ApiSettings(
    @Nullable String defaultRollout,
    Set<String> corsOrigins,
    int maxInFlight,
    int gzipFromBytes,
    boolean logRequests,
    Set<String> hostNames,
    SenderLimits senders,
    Http2 http2) {

  /**
   * How much one client key, or one address where there is no key, counts. 0 is without limit.
   *
   * @param feedbackPerSecond feedbacks that are taken each second
   * @param newUnitsPerMinute new units that count each minute; a thirtieth of them for ratings
   */
  public record SenderLimits(int feedbackPerSecond, int newUnitsPerMinute) {
    /** A hundred feedbacks a second, three hundred new units a minute. */
    public static final SenderLimits DEFAULT = new SenderLimits(100, 300);

    /** Without limit. */
    public static final SenderLimits NONE = new SenderLimits(0, 0);

    /** Checks the bounds. */
    public SenderLimits {
      notNegative("feedback-rate", feedbackPerSecond);
      notNegative("new-units-per-client", newUnitsPerMinute);
    }
  }

  /** No default rollout, no browsers, ten thousand requests at a time. */
  public static final ApiSettings DEFAULT =
      new ApiSettings(
          null, Set.of(), 10_000, 0, false, Set.of(), SenderLimits.DEFAULT, Http2.DEFAULT);

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
  }

  private static void notNegative(String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + ": " + value + ", must be 0 or more");
    }
  }
}
