package io.serin.statistics.confidence;

import io.serin.statistics.Logs;

/** E-processes of a normal mean with known unit variance, from finitely many bets. */
public final class ExponentialMixture {
  private ExponentialMixture() {}

  /** ln Σ_k w_k·exp(λ_k·S_n − n·λ_k²/2) after each value. */
  public static double[] logValues(double[] values, double[] weights, double[] lambdas) {
    double[] result = new double[values.length];
    double sum = 0;
    for (int n = 1; n <= values.length; n++) {
      sum += values[n - 1];
      double[] logs = new double[weights.length];
      for (int k = 0; k < weights.length; k++) {
        logs[k] = Math.log(weights[k]) + lambdas[k] * sum - n * lambdas[k] * lambdas[k] / 2;
      }
      result[n - 1] = Logs.sum(logs);
    }
    return result;
  }

  /**
   * λ/2 + ln(1/α)/(nλ): how far the one-sided confidence sequence of one bet λ lies from the mean
   * of n values.
   */
  public static double width(double alpha, double n, double lambda) {
    return lambda / 2 - Math.log(alpha) / (n * lambda);
  }
}
