package io.serin.statistics.design;

import io.serin.statistics.Numerics;

/**
 * Whether a difference in cache hits, or in a latency that depends on them, may be held against the
 * candidate. A cache at 5 % of the traffic is colder than one at 95 %, for good: P(hit) =
 * 1−exp(−ρλ·TTL) for a prefix asked λ times a second. So only arms that see as much traffic are
 * compared: a twin (control deployed again at the candidate's share), equal shares, or follow-up
 * turns within the TTL on the same variant, whose prefix is the conversation's own.
 */
public final class ColdCache {
  /** With what the candidate is compared. */
  public enum Against {
    /** Control deployed again at the candidate's share. */
    TWIN,
    /** Control, at the same share. */
    EQUAL_SHARE,
    /** Control, on follow-up turns within the TTL on the same variant. */
    FOLLOW_UPS,
    /** Control, at another share, on all requests. */
    CONTROL
  }

  /** Shares count as equal while they differ by at most this factor. */
  private static final double EQUAL = 1.1;

  private ColdCache() {}

  /** What a candidate and control at these shares are to each other. */
  public static Against against(double candidateShare, double controlShare) {
    double factor = Math.max(candidateShare, controlShare) / Math.min(candidateShare, controlShare);
    return factor <= EQUAL ? Against.EQUAL_SHARE : Against.CONTROL;
  }

  /** Whether cache-dependent metrics may roll back, or only flag. */
  public static boolean mayRollBack(Against against) {
    return switch (against) {
      case TWIN, EQUAL_SHARE, FOLLOW_UPS -> true;
      case CONTROL -> false;
    };
  }

  /**
   * Share of requests that hit, where prefix i is asked rates[i] times a second over all variants.
   */
  public static double hitRate(double[] rates, double share, double ttlSeconds) {
    double hits = 0;
    double all = 0;
    for (double rate : rates) {
      hits += rate * -Math.expm1(-share * rate * ttlSeconds);
      all += rate;
    }
    return hits / all;
  }

  /** The TTL that gives a hit rate at a share; from it, what the candidate's share must expect. */
  public static double ttlFor(double[] rates, double share, double hitRate) {
    return Numerics.rootAbove(ttl -> hitRate(rates, share, ttl) - hitRate, 0, 1);
  }
}
