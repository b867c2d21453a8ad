package io.serin.statistics.sequential;

import io.serin.statistics.Logs;
import java.util.List;
import java.util.TreeMap;

/**
 * The promotion gate for rates: shows that the candidate's rate is <em>not</em> δ or more above
 * control's, by a bet that is exact under drift and may be read after every request.
 *
 * <p>Y = 1 where the unit's first request of the stage was bad. The inverse-probability estimate X
 * = Y·(A/ρ − (1−A)/(1−ρ)) has mean p₁ − p₀ whatever p₀ does, so under "candidate minus control ≥ δ"
 * the factor 1 − λ(X−δ) has mean at most 1. With a and b bad requests of candidate and control
 * among n units of a stratum
 *
 * <pre>
 *   E = mean over f of Π_strata (1−λ(1/ρ−δ))^a · (1+λ(1/(1−ρ)+δ))^b · (1+λδ)^(n−a−b),  λ = f·λmax, λmax = 1/(1/ρ−δ)
 * </pre>
 *
 * <p>with twelve f log-spaced in .01 … .95. Guarantee: P(E ever ≥ 1/α) ≤ α while the truth is at or
 * beyond δ. Do not use {@link EventLabelProcess} reversed instead: the pool of candidate units
 * without an event depletes faster, which errs towards promoting. A pure function of counts; not
 * thread-safe.
 */
public final class PromotionGate {
  /** Bad requests of both arms among the units of one stratum. */
  public record Counts(Stratum stratum, long candidateBad, long controlBad, long units) {
    public Counts {
      if (candidateBad < 0 || controlBad < 0 || units < candidateBad + controlBad) {
        throw new IllegalArgumentException(
            "counts: 0 <= candidateBad + controlBad <= units is required, not "
                + candidateBad
                + " + "
                + controlBad
                + " of "
                + units);
      }
    }
  }

  private static final double[] SHARES = EventLabelDesign.logSpaced(0.01, 0.95, 12);

  private final double margin;
  private final TreeMap<Stratum, long[]> counts = new TreeMap<>();
  private final TreeMap<Stratum, double[][]> factors = new TreeMap<>();

  /**
   * @param margin δ, as a share (0.01 is one point), in (0, 1)
   */
  public PromotionGate(double margin) {
    if (!(margin > 0 && margin < 1)) {
      throw new IllegalArgumentException(
          "margin: must lie strictly between 0 and 1, not " + margin);
    }
    this.margin = margin;
  }

  /** The gate that has seen these counts. */
  public static PromotionGate of(double margin, Iterable<Counts> counts) {
    PromotionGate gate = new PromotionGate(margin);
    for (Counts c : counts) {
      gate.add(c.stratum(), c.candidateBad(), c.controlBad(), c.units());
    }
    return gate;
  }

  /** δ. */
  public double margin() {
    return margin;
  }

  /** Counts one unit's first request. */
  public void add(Stratum stratum, boolean candidate, boolean bad) {
    add(stratum, candidate && bad ? 1 : 0, !candidate && bad ? 1 : 0, 1);
  }

  public void add(Stratum stratum, long candidateBad, long controlBad, long units) {
    if (candidateBad < 0 || controlBad < 0 || units < candidateBad + controlBad) {
      throw new IllegalArgumentException(
          "counts: 0 <= candidateBad + controlBad <= units is required");
    }
    long[] c = counts.computeIfAbsent(stratum, s -> new long[3]);
    factors.computeIfAbsent(stratum, this::factors);
    c[0] += candidateBad;
    c[1] += controlBad;
    c[2] += units;
  }

  /** A new gate with the counts of both; both must have the same margin. */
  public PromotionGate merge(PromotionGate other) {
    if (margin != other.margin) {
      throw new IllegalArgumentException("margin: only gates of one margin merge");
    }
    PromotionGate merged = of(margin, counts());
    other
        .counts()
        .forEach(c -> merged.add(c.stratum(), c.candidateBad(), c.controlBad(), c.units()));
    return merged;
  }

  /** ln E now: the gate passes at ln E ≥ ln(1/α), Serin: ln 20. */
  public double logE() {
    double[] sums = new double[SHARES.length];
    counts.forEach(
        (stratum, c) -> {
          double[][] factor = factors.getOrDefault(stratum, new double[0][]);
          for (int f = 0; f < sums.length; f++) {
            sums[f] +=
                c[0] * factor[0][f] + c[1] * factor[1][f] + (c[2] - c[0] - c[1]) * factor[2][f];
          }
        });
    return Logs.mean(sums);
  }

  /** The whole state, ordered by stratum. */
  public List<Counts> counts() {
    return counts.entrySet().stream()
        .map(e -> new Counts(e.getKey(), e.getValue()[0], e.getValue()[1], e.getValue()[2]))
        .toList();
  }

  private double[][] factors(Stratum stratum) {
    double rho = stratum.probability();
    double[][] factor = new double[3][SHARES.length];
    for (int f = 0; f < SHARES.length; f++) {
      double lambda = SHARES[f] / (1 / rho - margin);
      factor[0][f] = StrictMath.log1p(-SHARES[f]);
      factor[1][f] = StrictMath.log1p(lambda * (1 / (1 - rho) + margin));
      factor[2][f] = StrictMath.log1p(lambda * margin);
    }
    return factor;
  }
}
