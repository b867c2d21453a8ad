package io.serin.router.feedback;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How much feedback is taken for each request id, unit and sender, as token buckets: a flood for
 * one of them takes nothing from others. Each kind remembers the {@value #MOST_BUCKETS} that were
 * used last; a bucket that is forgotten starts full. Thread-safe.
 */
public final class FeedbackLimits {

  private static final int MOST_BUCKETS = 65_536;

  /** A person corrects a rating a few times; a script does not stop. */
  private static final Rate PER_REQUEST = new Rate(20, 0.1);

  private static final Rate PER_UNIT = new Rate(60, 1);
  private static final Rate WITHOUT_LIMIT = new Rate(1e12, 1e12);
  private static final int BURST_SECONDS = 20;

  /**
   * @param burst how many are taken at once
   * @param perSecond how many come back each second
   */
  private record Rate(double burst, double perSecond) {}

  private static final class Bucket {
    double tokens;
    long at;
  }

  private final LongSupplier nanoTime;
  private final Buckets requests = new Buckets("request id", PER_REQUEST);
  private final Buckets units = new Buckets("unit", PER_UNIT);
  private final Buckets senders;

  /**
   * @param perSecond feedbacks of one sender each second, twenty times as many at once; 0 is
   *     without limit
   */
  public FeedbackLimits(int perSecond, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.senders =
        new Buckets(
            "sender",
            perSecond == 0
                ? WITHOUT_LIMIT
                : new Rate((double) BURST_SECONDS * perSecond, perSecond));
  }

  /**
   * Counts one feedback.
   *
   * @param sender the tenant of the client's key, or its address
   * @throws FeedbackRefused 429 where there was too much
   */
  public synchronized void count(Feedback feedback, String sender) {
    long now = nanoTime.getAsLong();
    Bucket ofSender = senders.refilled(sender, now);
    Bucket ofUnit = units.refilled(feedback.about().unit(), now);
    Bucket ofRequest = requests.refilled(feedback.requestId(), now);
    senders.check(ofSender);
    units.check(ofUnit);
    requests.check(ofRequest);
    ofSender.tokens--;
    ofUnit.tokens--;
    ofRequest.tokens--;
  }

  /** Buckets that are kept now. */
  synchronized int remembered() {
    return requests.used.size() + units.used.size() + senders.used.size();
  }

  private static final class Buckets {
    private final String name;
    private final Rate rate;
    private final Map<String, Bucket> used =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MOST_BUCKETS;
          }
        };

    Buckets(String name, Rate rate) {
      this.name = name;
      this.rate = rate;
    }

    Bucket refilled(String key, long now) {
      Bucket bucket = used.computeIfAbsent(key, _ -> full(now));
      double seconds = (now - bucket.at) / (double) TimeUnit.SECONDS.toNanos(1);
      bucket.tokens = Math.min(rate.burst(), bucket.tokens + seconds * rate.perSecond());
      bucket.at = now;
      return bucket;
    }

    private Bucket full(long now) {
      Bucket bucket = new Bucket();
      bucket.tokens = rate.burst();
      bucket.at = now;
      return bucket;
    }

    void check(Bucket bucket) {
      if (bucket.tokens < 1) {
        throw FeedbackRefused.tooMuch(
            name, (long) Math.ceil((1 - bucket.tokens) / rate.perSecond()));
      }
    }
  }
}
