package io.serin.statistics.sketch;

import java.util.Arrays;

/**
 * A mergeable quantile sketch: counts in logarithmic bins. Bin i holds the values in (γ^(i−1),
 * γ^i]; zeros are counted apart. Every quantile is within a relative error of (γ−1)/(γ+1), at any
 * size and after any merging, and a margin that is a whole power of γ is an exact shift of bins.
 *
 * <p>Values are ≥ 0, of any unit. Adding is amortised constant; memory is one long for each bin
 * between the smallest and the largest value. Not thread-safe. Source: Masson, Rim, Lee 2019
 * (DDSketch).
 */
public final class LogSketch {
  /** Ratio of bins for times: ×1.2 is a shift of exactly ten bins, relative error 0.91 %. */
  public static final double TIMES = StrictMath.pow(1.2, 0.1);

  /** Ratio of bins for tokens: ×1.5 is a shift of exactly twenty bins, relative error 1.01 %. */
  public static final double TOKENS = StrictMath.pow(1.5, 0.05);

  private final double gamma;
  private final double logGamma;
  private long zeroCount;
  private long count;
  private int offset;
  private long[] counts;

  /** An empty sketch; gamma > 1. */
  public LogSketch(double gamma) {
    this(gamma, 0, 0, new long[0]);
  }

  /**
   * From its parts, as they travel in a record: {@code counts[j]} belongs to bin {@code offset +
   * j}.
   */
  public LogSketch(double gamma, long zeroCount, int offset, long[] counts) {
    if (!(gamma > 1 && gamma < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("gamma: must be above 1 and finite, not " + gamma);
    }
    this.gamma = gamma;
    this.logGamma = StrictMath.log(gamma);
    this.zeroCount = zeroCount;
    this.offset = offset;
    this.counts = counts.clone();
    this.count = zeroCount;
    for (long c : counts) {
      if (c < 0) {
        throw new IllegalArgumentException("counts: must not be negative, not " + c);
      }
      count += c;
    }
    if (zeroCount < 0) {
      throw new IllegalArgumentException("zeroCount: must not be negative, not " + zeroCount);
    }
  }

  /** The bin of a positive value: the smallest i with value ≤ γ^i. */
  public int bin(double value) {
    double exact = StrictMath.log(value) / logGamma;
    // A value on an edge belongs below it, whatever the last bit of the logarithm says.
    double nearest = Math.rint(exact);
    return (int) (Math.abs(exact - nearest) < 1e-9 ? nearest : Math.ceil(exact));
  }

  /** Upper edge of a bin, inclusive: γ^i. */
  public double upperEdge(int bin) {
    return StrictMath.exp(bin * logGamma);
  }

  /** Lower edge of a bin, exclusive: γ^(i−1). */
  public double lowerEdge(int bin) {
    return StrictMath.exp((bin - 1) * logGamma);
  }

  /** The value that stands for a bin: 2γ^i/(γ+1), within the relative error of all of it. */
  public double representative(int bin) {
    return 2 * upperEdge(bin) / (gamma + 1);
  }

  public void add(double value) {
    add(value, 1);
  }

  public void add(double value, long times) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("value: must be finite and not negative, not " + value);
    }
    if (times < 0) {
      throw new IllegalArgumentException("times: must not be negative, not " + times);
    }
    if (times == 0) {
      return;
    }
    if (value == 0) {
      zeroCount += times;
      count += times;
    } else {
      addBin(bin(value), times);
    }
  }

  /** A new sketch of the values of both; both must have the same γ. */
  public LogSketch merge(LogSketch other) {
    if (gamma != other.gamma) {
      throw new IllegalArgumentException(
          "gamma: only sketches of one gamma merge: " + gamma + ", " + other.gamma);
    }
    LogSketch merged = copy();
    merged.zeroCount += other.zeroCount;
    merged.count += other.zeroCount;
    for (int i = 0; i < other.counts.length; i++) {
      if (other.counts[i] > 0) {
        merged.addBin(other.offset + i, other.counts[i]);
      }
    }
    return merged;
  }

  public LogSketch copy() {
    return new LogSketch(gamma, zeroCount, offset, counts);
  }

  public double gamma() {
    return gamma;
  }

  public long count() {
    return count;
  }

  public long zeroCount() {
    return zeroCount;
  }

  /** Bin of the first of {@link #counts()}. */
  public int offset() {
    return trimmedFrom() == counts.length ? 0 : offset + trimmedFrom();
  }

  /** Counts of consecutive bins from {@link #offset()}, without empty bins at either end. */
  public long[] counts() {
    int from = trimmedFrom();
    int to = counts.length;
    while (to > from && counts[to - 1] == 0) {
      to--;
    }
    return Arrays.copyOfRange(counts, from, to);
  }

  /**
   * The value at quantile q in [0, 1], at the zero-based rank q·(n−1) as DDSketch has it.
   *
   * @throws IllegalStateException where the sketch is empty
   */
  public double quantile(double q) {
    if (!(q >= 0 && q <= 1)) {
      throw new IllegalArgumentException("q: must lie in [0, 1], not " + q);
    }
    requireValues();
    double rank = q * (count - 1);
    long seen = zeroCount;
    if (seen > rank) {
      return 0;
    }
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen > rank) {
        return representative(offset + i);
      }
    }
    return representative(offset + counts.length - 1);
  }

  /** A lower bound of the value of the given 1-based rank: the lower edge of its bin. */
  public double lowerBoundOfRank(long rank) {
    int bin = binOfRank(rank);
    return bin == Integer.MIN_VALUE ? 0 : lowerEdge(bin);
  }

  /** An upper bound of the value of the given 1-based rank: the upper edge of its bin. */
  public double upperBoundOfRank(long rank) {
    int bin = binOfRank(rank);
    return bin == Integer.MIN_VALUE ? 0 : upperEdge(bin);
  }

  /** How many values lie in bins at or below that of the given one. */
  public long countUpTo(double value) {
    if (value < 0) {
      return 0;
    }
    long seen = zeroCount;
    int last = value == 0 ? Integer.MIN_VALUE : bin(value);
    for (int i = 0; i < counts.length && offset + i <= last; i++) {
      seen += counts[i];
    }
    return seen;
  }

  private int binOfRank(long rank) {
    requireValues();
    if (rank < 1 || rank > count) {
      throw new IllegalArgumentException("rank: must lie in 1 … " + count + ", not " + rank);
    }
    long seen = zeroCount;
    if (rank <= seen) {
      return Integer.MIN_VALUE;
    }
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= rank) {
        return offset + i;
      }
    }
    throw new IllegalStateException("counts do not reach rank " + rank);
  }

  private void requireValues() {
    if (count == 0) {
      throw new IllegalStateException("an empty sketch has no quantiles");
    }
  }

  private void addBin(int bin, long times) {
    if (counts.length == 0) {
      counts = new long[8];
      offset = bin - 4;
    } else if (bin < offset) {
      int grow = Math.max(offset - bin, counts.length);
      long[] wider = new long[counts.length + grow];
      System.arraycopy(counts, 0, wider, grow, counts.length);
      counts = wider;
      offset -= grow;
    } else if (bin >= offset + counts.length) {
      counts = Arrays.copyOf(counts, Math.max(bin - offset + 1, 2 * counts.length));
    }
    counts[bin - offset] += times;
    count += times;
  }

  private int trimmedFrom() {
    int from = 0;
    while (from < counts.length && counts[from] == 0) {
      from++;
    }
    return from;
  }

  /** Equal where both hold the same counts in the same bins. */
  @Override
  public boolean equals(Object other) {
    return other instanceof LogSketch that
        && gamma == that.gamma
        && zeroCount == that.zeroCount
        && offset() == that.offset()
        && Arrays.equals(counts(), that.counts());
  }

  @Override
  public int hashCode() {
    return 31 * (31 * offset() + Arrays.hashCode(counts())) + Long.hashCode(zeroCount);
  }

  @Override
  public String toString() {
    return "LogSketch{gamma=" + gamma + ", count=" + count + ", bins=" + counts().length + "}";
  }
}
