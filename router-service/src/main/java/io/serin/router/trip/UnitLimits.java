package io.serin.router.trip;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many new units of one sender count as evidence, as a token bucket for each sender: clients
 * name their units themselves, and one that invents a user for each request must not decide alone.
 * A unit that once counted goes on counting while it is among the {@value #UNITS} seen last; the
 * {@value #SENDERS} senders seen last are remembered. Thread-safe.
 */
public final class UnitLimits {

  private static final int UNITS = 65_536;
  private static final int SENDERS = 4_096;

  private static final class Bucket {
    double tokens;
    long at;
  }

  private final int perMinute;
  private final LongSupplier nanoTime;
  private final Map<Long, Boolean> counted = lastUsed(UNITS);
  private final Map<String, Bucket> senders = lastUsed(SENDERS);

  /**
   * @param perMinute new units of one sender that count each minute, as many at once; 0 is without
   *     limit
   * @param nanoTime the monotonic clock
   */
  public UnitLimits(int perMinute, LongSupplier nanoTime) {
    this.perMinute = perMinute;
    this.nanoTime = nanoTime;
  }

  /**
   * Whether what a unit does counts. A sender on loopback is a gateway or a test and speaks for
   * whomever it names.
   *
   * @param sender the tenant of the client's key, or its address
   * @param unit hashed
   */
  public boolean counts(String sender, String rollout, String unit) {
    return perMinute == 0 || isLoopback(sender) || countsNow(sender, rollout, unit);
  }

  private synchronized boolean countsNow(String sender, String rollout, String unit) {
    long number = ((long) Objects.hash(sender, rollout) << 32) | (unit.hashCode() & 0xffff_ffffL);
    if (counted.get(number) != null) {
      return true;
    }
    long now = nanoTime.getAsLong();
    Bucket bucket = senders.computeIfAbsent(sender, _ -> full(now));
    double minutes = (now - bucket.at) / (double) TimeUnit.MINUTES.toNanos(1);
    bucket.tokens = Math.min(perMinute, bucket.tokens + minutes * perMinute);
    bucket.at = now;
    if (bucket.tokens < 1) {
      return false;
    }
    bucket.tokens--;
    counted.put(number, true);
    return true;
  }

  private Bucket full(long now) {
    Bucket bucket = new Bucket();
    bucket.tokens = perMinute;
    bucket.at = now;
    return bucket;
  }

  private static boolean isLoopback(String sender) {
    return sender.startsWith("127.") || sender.equals("::1") || sender.equals("0:0:0:0:0:0:0:1");
  }

  private static <K, V> Map<K, V> lastUsed(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }
}
