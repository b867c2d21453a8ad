package io.serin.statistics.design;

import io.serin.statistics.Numerics;
import io.serin.statistics.Quadrature;
import java.util.Arrays;
import java.util.List;

/**
 * A group-sequential test: finitely many planned looks, with bounds on the standardised statistic
 * that spend α as a {@link Spending} says. For reports at fixed times; the guards look at every
 * event and use e-processes. The recursion over the statistic's density is that of Armitage,
 * McPherson and Rowe 1969, by Gauss–Legendre quadrature.
 */
public final class GroupSequential {
  /** Whether the test may stop at the lower bound too, which is then the mirror of the upper. */
  public enum Sides {
    UPPER,
    SYMMETRIC
  }

  /** Bounds further out than this are as good as infinite. */
  private static final double FAR = 8;

  private static final int PANELS = 12;

  private final double[] information;
  private final double[] bounds;
  private final double[] spent;
  private final Sides sides;

  /**
   * @param information share of the information at each look, increasing; usually the last is 1
   * @param alpha error level; half of it goes to each side of a symmetric test
   */
  public GroupSequential(double[] information, double alpha, Spending spending, Sides sides) {
    this.information = information.clone();
    this.sides = sides;
    this.bounds = new double[information.length];
    this.spent = new double[information.length];
    double level = sides == Sides.SYMMETRIC ? alpha / 2 : alpha;
    double before = 0;
    Density density = new Density();
    for (int k = 0; k < information.length; k++) {
      if (!(information[k] > (k == 0 ? 0 : information[k - 1]))) {
        throw new IllegalArgumentException(
            "information: must increase from above 0, not " + Arrays.toString(information));
      }
      double total = spending.spent(level, information[k]);
      spent[k] = total - before;
      before = total;
      bounds[k] = density.boundFor(spent[k], information[k]);
      density = density.next(bounds[k], information[k], 0);
    }
  }

  /** Equally spaced looks. */
  public static GroupSequential equallySpaced(
      int looks, double alpha, Spending spending, Sides sides) {
    double[] information = new double[looks];
    Arrays.setAll(information, k -> (k + 1.0) / looks);
    return new GroupSequential(information, alpha, spending, sides);
  }

  /** Upper bounds on the standardised statistic. */
  public double[] bounds() {
    return bounds.clone();
  }

  /** α spent at each look, on one side. */
  public double[] spent() {
    return spent.clone();
  }

  /**
   * P(stop at the upper bound) by look, where the statistic drifts: at full information its mean is
   * {@code drift}.
   */
  public double[] crossing(double drift) {
    double[] result = new double[bounds.length];
    Density density = new Density();
    for (int k = 0; k < bounds.length; k++) {
      result[k] = density.above(bounds[k], information[k], drift);
      density = density.next(bounds[k], information[k], drift);
    }
    return result;
  }

  /** P(stop at the lower bound) by look; all 0 where there is none. */
  public double[] crossingBelow(double drift) {
    return sides == Sides.SYMMETRIC ? crossing(-drift) : new double[bounds.length];
  }

  /** The drift at full information that gives this power. */
  public double driftFor(double power) {
    return Numerics.rootAbove(d -> Arrays.stream(crossing(d)).sum() - power, 0, 3);
  }

  /**
   * What the looks cost, in units of the sample size of a test at one look with the same α
   * (one-sided) and power.
   *
   * @param sampleRatio sample size at each look
   * @param expectedUnderNull mean sample size where there is no effect
   * @param expectedUnderAlternative mean sample size at the effect the power is for
   * @param drift the fixed test's z_α + z_power: the drift at ratio 1
   */
  public record Cost(
      List<Double> sampleRatio,
      double expectedUnderNull,
      double expectedUnderAlternative,
      double drift) {}

  /** The cost at the given power. */
  public Cost cost(double alpha, double power) {
    double level = sides == Sides.SYMMETRIC ? alpha / 2 : alpha;
    double fixed = Numerics.normalUpperQuantile(level) + Numerics.normalQuantile(power);
    double drift = driftFor(power);
    double inflation = drift / fixed * (drift / fixed);
    double[] ratios = Arrays.stream(information).map(t -> t * inflation).toArray();
    return new Cost(
        Arrays.stream(ratios).boxed().toList(),
        expected(ratios, 0),
        expected(ratios, drift),
        fixed);
  }

  private double expected(double[] ratios, double drift) {
    double[] upper = crossing(drift);
    double[] lower = crossingBelow(drift);
    double mean = 0;
    double stopped = 0;
    for (int k = 0; k < ratios.length; k++) {
      double now = k == ratios.length - 1 ? 1 - stopped : upper[k] + lower[k];
      mean += now * ratios[k];
      stopped += now;
    }
    return mean;
  }

  /** The sub-density of the Brownian statistic at one look, of paths that have not stopped. */
  private final class Density {
    private final double time;
    private final double[] points;
    private final double[] masses;

    Density() {
      this(0, new double[] {0}, new double[] {1});
    }

    private Density(double time, double[] points, double[] masses) {
      this.time = time;
      this.points = points;
      this.masses = masses;
    }

    double above(double bound, double now, double drift) {
      double step = now - time;
      double error = Math.sqrt(step);
      double edge = bound * Math.sqrt(now);
      double sum = 0;
      for (int i = 0; i < points.length; i++) {
        sum += masses[i] * Numerics.normalTail((edge - points[i] - drift * step) / error);
      }
      return sum;
    }

    double boundFor(double probability, double now) {
      return above(FAR, now, 0) >= probability
          ? FAR
          : Numerics.root(b -> above(b, now, 0) - probability, -FAR, FAR);
    }

    Density next(double bound, double now, double drift) {
      double step = now - time;
      double error = Math.sqrt(step);
      double reach = Math.sqrt(now);
      double high = Math.min(bound * reach, FAR * reach + Math.max(0, drift * now));
      double low =
          sides == Sides.SYMMETRIC ? -bound * reach : -FAR * reach + Math.min(0, drift * now);
      int panels = Math.max(PANELS, (int) Math.ceil((high - low) / error));
      double[] nextPoints = Quadrature.abscissae(low, high, panels);
      double[] nextMasses = Quadrature.weights(low, high, panels);
      for (int j = 0; j < nextPoints.length; j++) {
        double density = 0;
        for (int i = 0; i < points.length; i++) {
          density +=
              masses[i]
                  * Numerics.normalDensity((nextPoints[j] - points[i] - drift * step) / error);
        }
        nextMasses[j] *= density / error;
      }
      return new Density(now, nextPoints, nextMasses);
    }
  }
}
