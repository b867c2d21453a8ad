package io.serin.statistics.sequential;

import java.util.Arrays;

/**
 * Wealth that is bet block by block of time, for evidence that is dependent within a block: one
 * server's slow minute, a short outage of one arm.
 *
 * <p>An observation adds its gain g_A(Y), linear in what it says about the arms: ρ·g₁ + (1−ρ)·g₀ =
 * 0 for either outcome. A block's sum S, brought to a standard deviation of at most {@value
 * #DEVIATION} under the label coin and cut to [{@value #LEAST}, {@value #MOST}], multiplies the
 * wealth by 1 + S when the block is over. A linear sum has mean 0 where the label is a coin, and
 * also where each arm's block has a shock of its own by a common law (the arms are exchangeable, at
 * any share): no variance is assumed. The cut takes more above than below. So one block multiplies
 * the wealth by at most 1.8, and P(wealth ever ≥ 1/α) ≤ α where blocks are independent.
 *
 * <p>Blocks that are not: where 8 to 32 of the newest standardized sums are correlated with their
 * neighbours, by {@value #CORRELATED} standard errors, the blocks grow to double their length, up
 * to {@value #LONGEST} windows. A constant difference is no correlation.
 *
 * <p>Sources: Waudby-Smith, Ramdas 2024 (means of bounded variables by betting). Not thread-safe.
 */
final class BlockWealth {
  private static final double DEVIATION = 0.5;
  private static final double LEAST = -0.9;
  private static final double MOST = 0.8;
  private static final double CORRELATED = 1.65;
  private static final int FEWEST = 8;
  private static final int NEWEST = 32;

  /** An hour and more of ten-second windows. */
  private static final int LONGEST = 480;

  /** A new process begins after so many blocks. */
  private static final int RESTART = 4;

  private final int shortest;
  private final int middle;
  private final RestartMixture mixture;
  private final double[] settled;
  private final double[] sums;
  private final double[] variances;

  /** Newest standardized sums of blocks, the oldest first. */
  private double[] newest = new double[0];

  private int length;
  private int sinceStart;

  /** The block under way; meaningful while something is in it. */
  private long block;

  private boolean begun;

  /**
   * @param windows length of a block at first, in windows
   * @param first weight of the process that never restarts
   */
  BlockWealth(int windows, int components, double first) {
    this.shortest = windows;
    this.middle = components / 3;
    this.mixture = new RestartMixture(components, first);
    this.settled = new double[components];
    this.sums = new double[components];
    this.variances = new double[components];
    this.length = windows;
  }

  /** Ends the block under way if this window is of a later one. */
  void enter(long window) {
    if (begun && Math.floorDiv(window, length) != block) {
      close();
    }
    if (!begun) {
      begun = true;
      block = Math.floorDiv(window, length);
    }
  }

  /**
   * Adds observations to the block under way.
   *
   * @param times how many
   * @param gains of each component
   */
  void add(long times, double[] gains) {
    for (int k = 0; k < sums.length; k++) {
      sums[k] += (double) times * gains[k];
    }
  }

  /**
   * What the label coin alone lets these observations vary by.
   *
   * @param times how many with one outcome, of either arm
   * @param rho the coin
   * @param candidate gains where the label is the candidate's
   * @param control gains where it is control's
   */
  void vary(long times, double rho, double[] candidate, double[] control) {
    for (int k = 0; k < variances.length; k++) {
      double apart = candidate[k] - control[k];
      variances[k] += (double) times * rho * (1 - rho) * apart * apart;
    }
  }

  private void close() {
    begun = false;
    if (variances[middle] > 0) {
      remember(sums[middle] / Math.sqrt(variances[middle]));
    }
    for (int k = 0; k < sums.length; k++) {
      double deviation = Math.sqrt(variances[k]);
      double sum = deviation > DEVIATION ? sums[k] * (DEVIATION / deviation) : sums[k];
      settled[k] += StrictMath.log1p(Math.min(MOST, Math.max(LEAST, sum)));
    }
    Arrays.fill(sums, 0);
    Arrays.fill(variances, 0);
    if (++sinceStart >= RESTART) {
      mixture.restart(settled);
      sinceStart = 0;
    }
    if (length < LONGEST && correlated()) {
      length *= 2;
      newest = new double[0];
    }
  }

  private void remember(double standardized) {
    int from = newest.length < NEWEST ? 0 : 1;
    double[] longer = Arrays.copyOfRange(newest, from, newest.length + 1);
    longer[longer.length - 1] = standardized;
    newest = longer;
  }

  private boolean correlated() {
    int n = newest.length;
    if (n < FEWEST) {
      return false;
    }
    double mean = 0;
    for (double each : newest) {
      mean += each / n;
    }
    double products = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double own = newest[i] - mean;
      squares += own * own;
      products += i == 0 ? 0 : own * (newest[i - 1] - mean);
    }
    return products * Math.sqrt(n) > CORRELATED * squares;
  }

  /** ln of the wealth after the blocks that are over. */
  double logE() {
    return mixture.logE(settled);
  }

  MixtureState state() {
    return mixture.state(settled);
  }

  int restarts() {
    return mixture.restarts();
  }

  BlockWealth copy() {
    BlockWealth copy = new BlockWealth(shortest, settled.length, 1);
    copy.become(this);
    return copy;
  }

  void become(BlockWealth other) {
    mixture.become(other.mixture);
    System.arraycopy(other.settled, 0, settled, 0, settled.length);
    System.arraycopy(other.sums, 0, sums, 0, sums.length);
    System.arraycopy(other.variances, 0, variances, 0, variances.length);
    newest = other.newest;
    length = other.length;
    sinceStart = other.sinceStart;
    block = other.block;
    begun = other.begun;
  }

  void clear() {
    mixture.clear();
    Arrays.fill(settled, 0);
    Arrays.fill(sums, 0);
    Arrays.fill(variances, 0);
    newest = new double[0];
    length = shortest;
    sinceStart = 0;
    begun = false;
  }

  void write(LongStates.Writer into) {
    mixture.write(into);
    into.add(settled);
    into.add(sums);
    into.add(variances);
    into.add(newest.length);
    into.add(newest);
    into.add(length);
    into.add(sinceStart);
    into.add(block);
    into.add(begun ? 1 : 0);
  }

  void read(LongStates.Reader from) {
    mixture.read(from);
    from.next(settled);
    from.next(sums);
    from.next(variances);
    newest = new double[(int) from.next()];
    from.next(newest);
    length = (int) from.next();
    sinceStart = (int) from.next();
    block = from.next();
    begun = from.next() == 1;
  }
}
