package io.serin.statistics;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Root finding, minimisation and integration for the smooth functions of one variable that this
 * library has.
 */
public final class Numerics {
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

  /** Nodes and weights of the 16-point Gauss–Legendre rule on [−1, 1], positive half. */
  private static final double[] NODES = {
    0.0950125098376374, 0.2816035507792589, 0.4580167776572274, 0.6178762444026438,
    0.7554044083550030, 0.8656312023878318, 0.9445750230732326, 0.9894009349916499
  };

  private static final double[] WEIGHTS = {
    0.1894506104550685, 0.1826034150449236, 0.1691565193950025, 0.1495959888165767,
    0.1246289712555339, 0.0951585116824928, 0.0622535239386479, 0.0271524594117541
  };

  private Numerics() {}

  /** Φ(x). */
  public static double normalCdf(double x) {
    return NORMAL.cumulativeProbability(x);
  }

  /** 1 − Φ(x), exact in the upper tail. */
  public static double normalTail(double x) {
    return NORMAL.survivalProbability(x);
  }

  /** Φ⁻¹(p). */
  public static double normalQuantile(double p) {
    return NORMAL.inverseCumulativeProbability(p);
  }

  /** Φ⁻¹(1−p), exact for small p. */
  public static double normalUpperQuantile(double p) {
    return NORMAL.inverseSurvivalProbability(p);
  }

  /** The standard normal density. */
  public static double normalDensity(double x) {
    return NORMAL.density(x);
  }

  /**
   * A zero of f between low and high, by bisection to the last bits.
   *
   * @throws IllegalArgumentException where f has the same sign at both ends
   */
  public static double root(DoubleUnaryOperator f, double low, double high) {
    double a = low;
    double b = high;
    boolean rising = f.applyAsDouble(b) > 0;
    if (rising == f.applyAsDouble(a) > 0) {
      throw new IllegalArgumentException("root: no change of sign between " + low + " and " + high);
    }
    for (int i = 0; i < 200; i++) {
      double middle = 0.5 * (a + b);
      if (middle <= Math.min(a, b) || middle >= Math.max(a, b)) {
        break;
      }
      if (f.applyAsDouble(middle) > 0 == rising) {
        b = middle;
      } else {
        a = middle;
      }
    }
    return 0.5 * (a + b);
  }

  /**
   * A zero of f above low, where f changes sign once: the upper end is found by doubling from
   * {@code first}.
   */
  public static double rootAbove(DoubleUnaryOperator f, double low, double first) {
    boolean sign = f.applyAsDouble(low) > 0;
    double step = first;
    for (int i = 0; i < 200; i++) {
      if (f.applyAsDouble(low + step) > 0 != sign) {
        return root(f, low, low + step);
      }
      step *= 2;
    }
    throw new IllegalArgumentException("root: no change of sign above " + low);
  }

  /** Where f, with one minimum between low and high, is smallest; by golden section. */
  public static double minimizer(DoubleUnaryOperator f, double low, double high) {
    double ratio = (Math.sqrt(5) - 1) / 2;
    double a = low;
    double b = high;
    double x = b - ratio * (b - a);
    double y = a + ratio * (b - a);
    double fx = f.applyAsDouble(x);
    double fy = f.applyAsDouble(y);
    for (int i = 0; i < 200 && b - a > 1e-13 * (Math.abs(a) + Math.abs(b)); i++) {
      if (fx < fy) {
        b = y;
        y = x;
        fy = fx;
        x = b - ratio * (b - a);
        fx = f.applyAsDouble(x);
      } else {
        a = x;
        x = y;
        fx = fy;
        y = a + ratio * (b - a);
        fy = f.applyAsDouble(y);
      }
    }
    return 0.5 * (a + b);
  }

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
