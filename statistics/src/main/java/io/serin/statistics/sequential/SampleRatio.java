package io.serin.statistics.sequential;

import io.serin.statistics.Logs;
import java.util.List;
import java.util.TreeMap;
import org.apache.commons.numbers.gamma.LogGamma;

/**
 * Tests that units arrive in the arms at the shares the split promises; may be read after every
 * unit.
 *
 * <p>For each class (stage, and within it new units apart from those seen before) with counts n_i
 * and shares p_i
 *
 * <pre>  ln E_κ = ln Γ(κ) − ln Γ(κ+n) + Σ_i [ln Γ(κp_i+n_i) − ln Γ(κp_i) − n_i·ln p_i]
 *   E = .1·E_1000 + .9·E_30000</pre>
 *
 * <p>and E is the product over classes. κ says how far from the promise a broken split is looked
 * for: a share that is wrong by about √(p(1−p)/κ) is found soonest. The first part sees a gross
 * fault within hundreds of units, the second a small one within 200,000; a single κ = 1000 is as
 * good at the latter, but spends ten times as much of its error on splits that are honest.
 * Guarantee: P(E ever ≥ 1/α) ≤ α while the shares are true and units are assigned independently. A
 * pure function of counts; not thread-safe. Source: Lindon, Malek 2022 (anytime-valid inference for
 * multinomial count data).
 */
public final class SampleRatio {
  /** Concentration of the part that finds a gross fault. */
  public static final double CONCENTRATION = 1000;

  /** Concentration of the part that finds a small one. */
  public static final double CLOSE = 30_000;

  private static final double[] BOTH = {CONCENTRATION, CLOSE};
  private static final double[] WEIGHTS = {0.1, 0.9};

  /**
   * Units of one class by arm.
   *
   * @param name identifies the class
   * @param shares what the split promises, positive, with sum 1
   * @param units counted so far, one number an arm
   */
  public record Exposures(String name, List<Double> shares, List<Long> units) {
    public Exposures {
      shares = List.copyOf(shares);
      units = List.copyOf(units);
      if (shares.size() != units.size() || shares.size() < 2) {
        throw new IllegalArgumentException(
            "shares: one for each of two arms or more is required, not "
                + shares
                + " for "
                + units);
      }
    }
  }

  private record Key(String name, List<Double> shares) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byName = name.compareTo(other.name);
      return byName != 0 ? byName : shares.toString().compareTo(other.shares.toString());
    }
  }

  private final TreeMap<Key, long[]> classes = new TreeMap<>();

  /** The mixture that Serin uses, having seen these units. */
  public static SampleRatio of(Iterable<Exposures> exposures) {
    SampleRatio ratio = new SampleRatio();
    exposures.forEach(ratio::add);
    return ratio;
  }

  /** Counts units of one arm. */
  public void add(String name, List<Double> shares, int arm, long units) {
    classes.computeIfAbsent(new Key(name, shares), k -> checked(k))[arm] += units;
  }

  public void add(Exposures exposures) {
    for (int arm = 0; arm < exposures.units().size(); arm++) {
      add(exposures.name(), exposures.shares(), arm, exposures.units().get(arm));
    }
  }

  /** ln E over all classes; Serin holds the rollout at ln 1000 and quiets one guard at ln 20. */
  public double logE() {
    double sum = 0;
    for (var entry : classes.entrySet()) {
      double[] shares = entry.getKey().shares().stream().mapToDouble(Double::doubleValue).toArray();
      sum += logE(entry.getValue(), shares);
    }
    return sum;
  }

  /** ln E of one class, with the mixture that Serin uses. */
  public static double logE(long[] units, double[] shares) {
    double[] parts = new double[BOTH.length];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = StrictMath.log(WEIGHTS[i]) + logE(units, shares, BOTH[i]);
    }
    return Logs.sum(parts);
  }

  /** ln E of one class, with Dirichlet parameters concentration·shares. */
  public static double logE(long[] units, double[] shares, double concentration) {
    double[] alpha = new double[shares.length];
    for (int i = 0; i < shares.length; i++) {
      alpha[i] = concentration * shares[i];
    }
    return logMarginal(units, alpha) - logNull(units, shares);
  }

  /** ln of the Dirichlet-multinomial probability of one sequence with these counts. */
  public static double logMarginal(long[] units, double[] alpha) {
    double total = 0;
    double result = 0;
    for (int i = 0; i < units.length; i++) {
      total += alpha[i];
      result += LogGamma.value(alpha[i] + units[i]) - LogGamma.value(alpha[i]);
    }
    return result + LogGamma.value(total) - LogGamma.value(total + sum(units));
  }

  /** ln of the probability of one sequence with these counts under fixed shares. */
  public static double logNull(long[] units, double[] shares) {
    double result = 0;
    for (int i = 0; i < units.length; i++) {
      if (units[i] > 0) {
        result += units[i] * StrictMath.log(shares[i]);
      }
    }
    return result;
  }

  private static long[] checked(Key key) {
    double sum = 0;
    for (double share : key.shares()) {
      if (!(share > 0)) {
        throw new IllegalArgumentException("shares: must be positive, not " + key.shares());
      }
      sum += share;
    }
    if (Math.abs(sum - 1) > 1e-9) {
      throw new IllegalArgumentException("shares: must have sum 1, not " + sum);
    }
    return new long[key.shares().size()];
  }

  private static long sum(long[] values) {
    long sum = 0;
    for (long value : values) {
      sum += value;
    }
    return sum;
  }
}
