package io.serin.comparison;

/**
 * How a comparison is judged.
 *
 * @param alpha chance of finding anything where nothing differs, in (0, .5): half for the metrics
 *     over all pairs (Holm), half for the segments (Benjamini and Yekutieli, under any dependence)
 * @param segmentUnits units below which a segment is not tested: at least 2
 * @param examples that are shown, 0 or more
 */
public record ComparisonSettings(double alpha, int segmentUnits, int examples) {
  /** α .05, segments of 25 units or more, ten examples. */
  public static final ComparisonSettings DEFAULT = new ComparisonSettings(0.05, 25, 10);

  public ComparisonSettings {
    if (!(alpha > 0 && alpha < 0.5)) {
      throw new IllegalArgumentException("alpha is " + alpha + ": it must lie between 0 and 0.5");
    }
    if (segmentUnits < 2) {
      throw new IllegalArgumentException(
          "segmentUnits is " + segmentUnits + ": it must be at least 2");
    }
    if (examples < 0) {
      throw new IllegalArgumentException("examples is " + examples + ": it must be at least 0");
    }
  }
}
