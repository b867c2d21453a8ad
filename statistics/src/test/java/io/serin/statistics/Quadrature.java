package io.serin.statistics;

import java.util.function.DoubleUnaryOperator;

/** Integration and ζ, for the reference computations that Serin does not ship. */
public final class Quadrature {
  /** Nodes and weights of the 16-point Gauss–Legendre rule on [−1, 1], positive half. */
  private static final double[] NODES = {
    0.0950125098376374, 0.2816035507792589, 0.4580167776572274, 0.6178762444026438,
    0.7554044083550030, 0.8656312023878318, 0.9445750230732326, 0.9894009349916499
  };

  private static final double[] WEIGHTS = {
    0.1894506104550685, 0.1826034150449236, 0.1691565193950025, 0.1495959888165767,
    0.1246289712555339, 0.0951585116824928, 0.0622535239386479, 0.0271524594117541
  };

  private Quadrature() {}

  /** ∫ f over [low, high], by 16-point Gauss–Legendre on equal panels. */
  public static double integral(DoubleUnaryOperator f, double low, double high, int panels) {
    double half = (high - low) / panels / 2;
    double sum = 0;
    for (int panel = 0; panel < panels; panel++) {
      double centre = low + (2 * panel + 1) * half;
      for (int i = 0; i < NODES.length; i++) {
        sum +=
            WEIGHTS[i]
                * (f.applyAsDouble(centre - half * NODES[i])
                    + f.applyAsDouble(centre + half * NODES[i]));
      }
    }
    return sum * half;
  }

  /** Abscissae of {@link #integral}, to tabulate a function; 16 for each panel. */
  public static double[] abscissae(double low, double high, int panels) {
    double half = (high - low) / panels / 2;
    double[] points = new double[16 * panels];
    for (int panel = 0; panel < panels; panel++) {
      double centre = low + (2 * panel + 1) * half;
      for (int i = 0; i < 8; i++) {
        points[16 * panel + 2 * i] = centre - half * NODES[i];
        points[16 * panel + 2 * i + 1] = centre + half * NODES[i];
      }
    }
    return points;
  }

  /** Weights that belong to {@link #abscissae}. */
  public static double[] weights(double low, double high, int panels) {
    double half = (high - low) / panels / 2;
    double[] weights = new double[16 * panels];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = WEIGHTS[i % 16 / 2] * half;
    }
    return weights;
  }

  /** Riemann's ζ(s) for real s > 1, by Euler–Maclaurin summation. */
  public static double zeta(double s) {
    if (!(s > 1)) {
      throw new IllegalArgumentException("s: must be above 1, not " + s);
    }
    int n = 30;
    double sum = 0;
    for (int k = 1; k < n; k++) {
      sum += Math.pow(k, -s);
    }
    sum += Math.pow(n, 1 - s) / (s - 1) + 0.5 * Math.pow(n, -s);
    double[] bernoulli = {1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66};
    double term = s * Math.pow(n, -s - 1);
    double factorial = 2;
    for (int k = 0; k < bernoulli.length; k++) {
      sum += bernoulli[k] / factorial * term;
      term *= (s + 2 * k + 1) * (s + 2 * k + 2) / ((double) n * n);
      factorial *= (2 * k + 3) * (2 * k + 4);
    }
    return sum;
  }
}
