package io.serin.statistics.sequential;

/**
 * The 2×2 e-process with a predictable plug-in alternative: both arms' rates are estimated from
 * earlier blocks with a beta prior, and the next block is bet at those estimates against their
 * pooled mean. Needs the same rates in every block, so a drift of control's rate weakens it; {@link
 * ConditionalTables} does not have this limit. Source: Turner, Ly, Grünwald 2024 (safe tests for
 * 2×2 tables). Not thread-safe.
 */
public final class PluginTables {
  private final double prior;
  private double eventsA;
  private double unitsA;
  private double eventsB;
  private double unitsB;
  private double logE;

  /**
   * @param prior both parameters of each arm's beta prior, > 0; .18 is near optimal for equal arms
   */
  public PluginTables(double prior) {
    if (!(prior > 0)) {
      throw new IllegalArgumentException("prior: must be positive, not " + prior);
    }
    this.prior = prior;
  }

  /** Adds one block: yA events among nA units of the first arm, yB among nB of the second. */
  public void add(double yA, double nA, double yB, double nB) {
    double a = (eventsA + prior) / (unitsA + 2 * prior);
    double b = (eventsB + prior) / (unitsB + 2 * prior);
    double pooled = (nA * a + nB * b) / (nA + nB);
    logE +=
        likelihood(yA, nA, a)
            + likelihood(yB, nB, b)
            - likelihood(yA, nA, pooled)
            - likelihood(yB, nB, pooled);
    eventsA += yA;
    unitsA += nA;
    eventsB += yB;
    unitsB += nB;
  }

  /** ln E now. */
  public double logE() {
    return logE;
  }

  private static double likelihood(double y, double n, double p) {
    return y * Math.log(p) + (n - y) * Math.log(1 - p);
  }
}
