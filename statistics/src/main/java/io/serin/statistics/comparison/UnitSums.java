package io.serin.statistics.comparison;

/**
 * One arm of one stage as sums over units, for a ratio of sums Σ S_i / Σ N_i: errors by requests,
 * tokens by answers, a mean log ratio by pairs. Units are independent, their requests are not.
 * Mergeable and immutable.
 *
 * @param units K
 * @param s Σ S_i
 * @param n Σ N_i
 * @param ss Σ S_i²
 * @param nn Σ N_i²
 * @param sn Σ S_i·N_i
 */
public record UnitSums(long units, double s, double n, double ss, double nn, double sn) {
  /** No unit. */
  public static final UnitSums NONE = new UnitSums(0, 0, 0, 0, 0, 0);

  /** With one unit more, whose sums are these. */
  public UnitSums plus(double ownS, double ownN) {
    return new UnitSums(
        units + 1, s + ownS, n + ownN, ss + ownS * ownS, nn + ownN * ownN, sn + ownS * ownN);
  }

  /**
   * After a unit that had oldS and oldN returned with x more in S and y more in N: S² grows by
   * 2·S·x + x².
   */
  public UnitSums again(double oldS, double oldN, double x, double y) {
    return new UnitSums(
        units,
        s + x,
        n + y,
        ss + 2 * oldS * x + x * x,
        nn + 2 * oldN * y + y * y,
        sn + oldS * y + oldN * x + x * y);
  }

  public UnitSums merge(UnitSums other) {
    return new UnitSums(
        units + other.units, s + other.s, n + other.n, ss + other.ss, nn + other.nn, sn + other.sn);
  }

  /** R̂ = ΣS/ΣN; 0 where there is nothing. */
  public double ratio() {
    return n == 0 ? 0 : s / n;
  }

  /** Var(R̂) = K/(K−1)·Σ(S_i−R̂·N_i)²/(ΣN)². */
  public double variance() {
    return varianceAround(ratio());
  }

  double varianceAround(double ratio) {
    if (units < 2 || n == 0) {
      return 0;
    }
    double residual = Math.max(0, ss - 2 * ratio * sn + ratio * ratio * nn);
    return units / (units - 1.0) * residual / (n * n);
  }

  /**
   * How many times larger the variance is than that of independent requests, for a 0/1 outcome; 1
   * where it cannot be told.
   */
  public double designEffect() {
    double p = ratio();
    double independent = p * (1 - p) / n;
    return independent > 0 && units > 1 ? variance() / independent : 1;
  }

  /** Requests that independent ones would need for the same variance. */
  public double effectiveSize() {
    return n / designEffect();
  }

  /**
   * Intraclass correlation of a 0/1 outcome, from 1 + (ΣN²/ΣN − 1)·ICC = design effect; 0 where
   * units come once.
   */
  public double intraclassCorrelation() {
    double weighted = n == 0 ? 1 : nn / n;
    return weighted <= 1 ? 0 : (designEffect() - 1) / (weighted - 1);
  }
}
