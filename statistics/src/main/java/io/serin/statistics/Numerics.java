package io.serin.statistics;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** Root finding and minimisation for the smooth functions of one variable of this library. */
public final class Numerics {
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

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
}
