package io.serin.statistics.sequential;

import io.serin.statistics.Logs;
import java.util.Arrays;

/**
 * A weighted mean of e-processes that began at different times, K components each. Weights: w₀ for
 * the first, and (1−w₀)/(j(j+1)) for restart j = 1, 2, …; they sum to 1, and a weight not yet
 * started counts 1. Each part is an e-process from its start, so the mean is one too.
 *
 * <p>The log-likelihood of start j and component k is L_k(now) − L_k(start j): it is enough to keep
 * A_k = ln Σ_j w_j·exp(−L_k(start j)), and a read costs K exponentials however many starts there
 * were.
 */
final class RestartMixture {
  /** Terms below e^−40 of the largest do not change the sum. */
  private static final double NEGLIGIBLE = -40;

  private final double first;
  private final double[] started;
  private int restarts;

  /** ln of the weight that has not started. */
  private double waiting;

  RestartMixture(int components, double first) {
    this.first = first;
    this.started = new double[components];
    clear();
  }

  void clear() {
    restarts = 0;
    // The components' equal weights are kept in here too.
    Arrays.fill(started, StrictMath.log(first / started.length));
    waiting = StrictMath.log(1 - first);
  }

  /** A copy to come back to. */
  RestartMixture copy() {
    RestartMixture copy = new RestartMixture(started.length, first);
    copy.become(this);
    return copy;
  }

  /** Takes the state of another of the same size. */
  void become(RestartMixture other) {
    System.arraycopy(other.started, 0, started, 0, started.length);
    restarts = other.restarts;
    waiting = other.waiting;
  }

  /** Writes the whole state as integers, doubles by their bits. */
  void write(LongStates.Writer into) {
    into.add(restarts);
    into.add(waiting);
    into.add(started);
  }

  /** Takes up a state that {@link #write} wrote. */
  void read(LongStates.Reader from) {
    restarts = (int) from.next();
    waiting = from.nextDouble();
    from.next(started);
  }

  /** Begins the next process where the log-likelihoods stand now. */
  void restart(double[] logLikelihoods) {
    restarts++;
    double weight =
        StrictMath.log((1 - first) / ((double) restarts * (restarts + 1) * started.length));
    for (int k = 0; k < started.length; k++) {
      started[k] = Logs.add(started[k], weight - logLikelihoods[k]);
    }
    waiting = StrictMath.log((1 - first) / (restarts + 1));
  }

  int restarts() {
    return restarts;
  }

  /** ln E. */
  double logE(double[] logLikelihoods) {
    return logE(logLikelihoods, started, waiting);
  }

  /** All that {@link #logE(double[])} depends on. */
  MixtureState state(double[] logLikelihoods) {
    return new MixtureState(
        Arrays.stream(logLikelihoods).boxed().toList(),
        Arrays.stream(started).boxed().toList(),
        waiting,
        restarts + 1);
  }

  static double logE(double[] logLikelihoods, double[] started, double waiting) {
    double high = waiting;
    for (int k = 0; k < started.length; k++) {
      high = Math.max(high, logLikelihoods[k] + started[k]);
    }
    double total = waiting - high > NEGLIGIBLE ? StrictMath.exp(waiting - high) : 0;
    for (int k = 0; k < started.length; k++) {
      double x = logLikelihoods[k] + started[k] - high;
      if (x > NEGLIGIBLE) {
        total += StrictMath.exp(x);
      }
    }
    return high + StrictMath.log(total);
  }
}
