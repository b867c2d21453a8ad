package io.serin.statistics.sequential;

import java.util.Comparator;

/**
 * Units that share one label probability: a stage and a class of earlier sightings (see {@link
 * LabelProbability}). Strata are combined, never pooled, so a changing split cannot create a
 * difference.
 *
 * @param name identifies the stratum, for example {@code stage/class}
 * @param probability ρ: probability of the candidate's label, strictly between 0 and 1
 * @param margin m > 0: the relative risk that is still allowed; fixed before the stratum's first
 *     event
 */
public record Stratum(String name, double probability, double margin)
    implements Comparable<Stratum> {
  private static final Comparator<Stratum> ORDER =
      Comparator.comparing(Stratum::name)
          .thenComparingDouble(Stratum::probability)
          .thenComparingDouble(Stratum::margin);

  public Stratum {
    if (!(probability > 0 && probability < 1)) {
      throw new IllegalArgumentException(
          "probability: must lie strictly between 0 and 1, not "
              + probability
              + " (stratum "
              + name
              + ")");
    }
    if (!(margin > 0 && margin < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("margin: must be positive and finite, not " + margin);
    }
  }

  /** Without a margin: m = 1. */
  public Stratum(String name, double probability) {
    this(name, probability, 1);
  }

  /** Odds of the candidate's label under the null hypothesis: ρ·m/(1−ρ). */
  double nullOdds() {
    return probability * margin / (1 - probability);
  }

  /**
   * The relative margin that a margin in points stands for: m = (p₀+δ)/p₀.
   *
   * @param controlLowerLimit control's lower confidence limit, from data before the stratum;
   *     floored at 0.1 %
   * @param points δ ≥ 0, as a share (0.005 is half a point)
   */
  public static double marginOfPoints(double controlLowerLimit, double points) {
    double base = Math.max(controlLowerLimit, 0.001);
    return (base + points) / base;
  }

  @Override
  public int compareTo(Stratum other) {
    return ORDER.compare(this, other);
  }
}
