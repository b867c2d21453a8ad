package io.serin.statistics.sequential;

import java.util.Arrays;

/**
 * Wealth against "the candidate's trouble is usual, or control has it too", for candidates that
 * fail nearly everything: it needs no block to end.
 *
 * <p>In each window a bet G that more than the usual share r of the candidate's observations are
 * bad (odds (p/r)^bad · ((1−p)/(1−r))^good, for p between r and 1), and a bet U that the arms
 * differ, as the exceedance bet makes it, afresh. The window counts min(G, U): its mean is at most
 * 1 where at most r of the candidate's are bad, whatever they depend on, and where both arms fail
 * alike. So P(wealth ever ≥ 1/α) ≤ α where each window is one or the other.
 *
 * <p>r rises to 1.25 times the worst whole minute of control with at least {@value #FEWEST}
 * observations: what control's history shows to be usual does not count. Not thread-safe.
 */
final class GrossWealth {
  private static final double[] BEYOND = {0.3, 0.6, 0.9, 0.98};
  private static final double WORSE = 1.25;
  private static final double HIGHEST = 0.95;
  private static final int FEWEST = 10;
  private static final double FIRST = 0.8;

  private final double usual;
  private final RestartMixture mixture = new RestartMixture(BEYOND.length, FIRST);
  private final double[] settled = new double[BEYOND.length];

  /** Worst share of a whole minute of control. */
  private double worst;

  private long minute;
  private long minuteBad;
  private long minuteAll;

  GrossWealth(double usual) {
    this.usual = usual;
  }

  /**
   * Takes in a whole window.
   *
   * @param counts {candidate bad, candidate good, control bad, control good}
   * @param apart ln U
   */
  void close(long window, long[] counts, double apart) {
    if (counts[0] + counts[1] > 0) {
      bet(counts, apart, settled);
      mixture.restart(settled);
    }
    long of = Math.floorDiv(window, Evidence.MINUTE);
    if (of != minute) {
      if (minuteAll >= FEWEST) {
        worst = Math.max(worst, (double) minuteBad / minuteAll);
      }
      minute = of;
      minuteBad = 0;
      minuteAll = 0;
    }
    minuteBad += counts[2];
    minuteAll += counts[2] + counts[3];
  }

  private void bet(long[] counts, double apart, double[] into) {
    double share = Math.min(HIGHEST, Math.max(usual, WORSE * worst));
    for (int k = 0; k < into.length; k++) {
      double p = share + BEYOND[k] * (1 - share);
      double gross =
          counts[0] * StrictMath.log(p / share) + counts[1] * StrictMath.log((1 - p) / (1 - share));
      into[k] += Math.min(gross, apart);
    }
  }

  /** All that ln E depends on, with the window under way. */
  MixtureState state(long[] counts, double apart) {
    double[] now = settled.clone();
    bet(counts, apart, now);
    return mixture.state(now);
  }

  double logE(long[] counts, double apart) {
    double[] now = settled.clone();
    bet(counts, apart, now);
    return mixture.logE(now);
  }

  GrossWealth copy() {
    GrossWealth copy = new GrossWealth(usual);
    copy.become(this);
    return copy;
  }

  void become(GrossWealth other) {
    mixture.become(other.mixture);
    System.arraycopy(other.settled, 0, settled, 0, settled.length);
    worst = other.worst;
    minute = other.minute;
    minuteBad = other.minuteBad;
    minuteAll = other.minuteAll;
  }

  void clear() {
    mixture.clear();
    Arrays.fill(settled, 0);
    worst = 0;
    minute = 0;
    minuteBad = 0;
    minuteAll = 0;
  }

  void write(LongStates.Writer into) {
    mixture.write(into);
    into.add(settled);
    into.add(worst);
    into.add(minute);
    into.add(minuteBad);
    into.add(minuteAll);
  }

  void read(LongStates.Reader from) {
    mixture.read(from);
    from.next(settled);
    worst = from.nextDouble();
    minute = from.next();
    minuteBad = from.next();
    minuteAll = from.next();
  }
}
