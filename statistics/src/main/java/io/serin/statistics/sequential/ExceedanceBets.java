package io.serin.statistics.sequential;

import io.serin.statistics.Logs;
import java.util.Arrays;
import java.util.List;

/**
 * The log factors of an {@link ExceedanceProcess}: what one observation multiplies the wealth by.
 */
final class ExceedanceBets {
  /** One stratum's counts in a window, with the log factors of their outcomes by component. */
  static final class Bet {
    private final double rho;
    private final long[] counts;
    private final double[][] factors;

    /**
     * @param rho probability of the candidate's label
     */
    Bet(double rho, long[] counts, double[][] factors) {
      this.rho = rho;
      this.counts = counts;
      this.factors = factors;
    }

    /** Adds the log factors to each component. */
    void addTo(double[] logs) {
      accumulate(counts, factors, logs);
    }

    /** Adds the counts to a block. */
    void addTo(BlockWealth block) {
      double[][] gains = new double[4][];
      for (int outcome = 0; outcome < 4; outcome++) {
        gains[outcome] = Arrays.stream(factors[outcome]).map(StrictMath::expm1).toArray();
        block.add(counts[outcome], gains[outcome]);
      }
      block.vary(counts[0] + counts[2], rho, gains[0], gains[2]);
      block.vary(counts[1] + counts[3], rho, gains[1], gains[3]);
    }
  }

  private ExceedanceBets() {}

  /** The counts of all bets. */
  static long[] sums(List<Bet> bets) {
    long[] sums = new long[4];
    for (Bet bet : bets) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += bet.counts[i];
      }
    }
    return sums;
  }

  /** ln of the mean wealth that the bets of one window make of 1; 0 without bets. */
  static double apart(List<Bet> bets) {
    if (bets.isEmpty()) {
      return 0;
    }
    double[] logs = new double[bets.getFirst().factors[0].length];
    bets.forEach(bet -> bet.addTo(logs));
    return Logs.sum(logs) - StrictMath.log(logs.length);
  }

  /**
   * Log factors of {candidate above, candidate below, control above, control below}, each by
   * component of the grid.
   *
   * @param grid odds ratios
   * @param pooled p̄, in (0, 1)
   * @param rho the candidate's share, in (0, 1)
   */
  static double[][] factors(double[] grid, double pooled, double rho) {
    double[][] factors = new double[4][grid.length];
    for (int k = 0; k < grid.length; k++) {
      double control = controlRate(pooled, rho, grid[k]);
      double candidate = grid[k] * control / (1 + (grid[k] - 1) * control);
      factors[0][k] = StrictMath.log(candidate / pooled);
      factors[1][k] = StrictMath.log((1 - candidate) / (1 - pooled));
      factors[2][k] = StrictMath.log(control / pooled);
      factors[3][k] = StrictMath.log((1 - control) / (1 - pooled));
    }
    return factors;
  }

  /**
   * p₀ such that ρp₁+(1−ρ)p₀ = p̄ and odds(p₁) = o·odds(p₀): the root in (0, 1) of (1−ρ)(o−1)x² +
   * (ρo+(1−ρ)−p̄(o−1))x − p̄ = 0.
   */
  static double controlRate(double pooled, double rho, double odds) {
    double a = (1 - rho) * (odds - 1);
    double b = rho * odds + (1 - rho) - pooled * (odds - 1);
    // The form without cancellation, good for either sign of a.
    return 2 * pooled / (b + Math.sqrt(b * b + 4 * a * pooled));
  }

  /** Adds the log factors of these counts to each component. */
  static void accumulate(long[] counts, double[][] factors, double[] into) {
    for (int outcome = 0; outcome < 4; outcome++) {
      double n = counts[outcome];
      if (n != 0) {
        double[] factor = factors[outcome];
        for (int k = 0; k < into.length; k++) {
          into[k] += n * factor[k];
        }
      }
    }
  }
}
