package io.serin.statistics.confidence;

import io.serin.statistics.Numerics;

/**
 * A band around an empirical distribution function that holds for all values and all times t ≥ t₀
 * together: A·√((ln(1+ln(t/t₀)) + C)/t). Source: Howard, Ramdas 2022 (sequential estimation of
 * quantiles), theorem 2.
 *
 * @param firstTime t₀ ≥ 1
 * @param factor A > 1/√2
 * @param constant C, solved from the error level
 */
public record EmpiricalProcessBound(double firstTime, double factor, double constant) {
  /** The band at level alpha. */
  public static EmpiricalProcessBound at(double alpha, double firstTime, double factor) {
    if (!(factor > Math.sqrt(0.5) && firstTime >= 1 && alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException(
          "factor > 0.707, firstTime >= 1 and 0 < alpha < 1 are required, not "
              + factor
              + ", "
              + firstTime
              + ", "
              + alpha);
    }
    double low = 1e-3;
    double constant = Numerics.rootAbove(c -> bestError(c, factor) - alpha, low, 5);
    return new EmpiricalProcessBound(firstTime, factor, constant);
  }

  /** Half-width of the band at time t, in probability; infinite before t₀. */
  public double at(double t) {
    return t < firstTime
        ? Double.POSITIVE_INFINITY
        : factor * Math.sqrt((Math.log1p(Math.log(t / firstTime)) + constant) / t);
  }

  private static double bestError(double c, double factor) {
    double last =
        Numerics.root(
            eta -> Math.sqrt(eta / 2) + Math.sqrt(2 * (eta - 1) / c) - factor,
            1,
            2 * factor * factor);
    double best = Numerics.minimizer(eta -> error(c, eta, factor), 1, last);
    return error(c, best, factor);
  }

  private static double error(double c, double eta, double factor) {
    double root = factor - Math.sqrt(2 * (eta - 1) / c);
    double gamma = 2 / eta * root * root;
    return gamma <= 1
        ? Double.MAX_VALUE
        : 4 * Math.exp(-gamma * c) * (1 + 1 / ((gamma - 1) * Math.log(eta)));
  }
}
