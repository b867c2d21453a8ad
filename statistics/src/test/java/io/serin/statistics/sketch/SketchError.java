package io.serin.statistics.sketch;

/**
 * Errors of other sketches, for comparison: what they guarantee, and why Serin keeps logarithmic
 * bins.
 */
public final class SketchError {
  private SketchError() {}

  /**
   * Normalised rank error of a KLL sketch with parameter k at 99 % confidence, fitted by Apache
   * DataSketches. At k = 200 it is 1.3 % of rank: a p99 then lies anywhere between p97.7 and the
   * maximum.
   *
   * @param doubleSided whether for a whole distribution (a difference of two ranks) rather than for
   *     one rank
   */
  public static double kllRankError(int k, boolean doubleSided) {
    if (k < 8) {
      throw new IllegalArgumentException("k: at least 8 is required, not " + k);
    }
    return doubleSided ? 2.446 / Math.pow(k, 0.9433) : 2.296 / Math.pow(k, 0.9723);
  }
}
