package io.serin.analytics.measure;

import io.serin.statistics.sketch.LogSketch;

/**
 * Values of one kind: a mergeable sketch and their exact sum. Immutable; {@link #plus} is
 * associative and commutative.
 *
 * @param sketch not to be changed by whoever holds it
 * @param sum of the values as they were counted: below 0 counts as 0, above {@link #MAX_VALUE} as
 *     that
 */
public record Distribution(LogSketch sketch, long sum) {
  /** A day in microseconds: a hundred million of them still fit a sum. */
  public static final long MAX_VALUE = 86_400_000_000L;

  static final Distribution NO_TIMES = new Distribution(new LogSketch(LogSketch.TIMES), 0);
  static final Distribution NO_TOKENS = new Distribution(new LogSketch(LogSketch.TOKENS), 0);

  public Distribution with(long value) {
    long counted = Math.clamp(value, 0, MAX_VALUE);
    LogSketch added = sketch.copy();
    added.add((double) counted);
    return new Distribution(added, sum + counted);
  }

  public Distribution plus(Distribution other) {
    if (sketch.count() == 0) {
      return other;
    }
    return other.sketch.count() == 0
        ? this
        : new Distribution(sketch.merge(other.sketch), sum + other.sum);
  }

  public long count() {
    return sketch.count();
  }

  /** The mean; 0 where there is no value. */
  public double mean() {
    return count() == 0 ? 0 : (double) sum / count();
  }
}
