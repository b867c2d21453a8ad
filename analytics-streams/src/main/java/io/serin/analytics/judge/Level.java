package io.serin.analytics.judge;

/**
 * The heights that one guard's log e-value is held against.
 *
 * @param fire ln(1/(α·w))
 * @param signal where the ramp freezes; equal to fire where the guard does not roll back
 * @param resume below it a frozen ramp continues: a quarter of the evidence, so that a guard at the
 *     signal level does not freeze and resume with every event
 * @param alpha the level that weight is a part of
 */
public record Level(double fire, double signal, double resume, double alpha, double weight) {
  private static final double QUARTER = StrictMath.log(4);

  static Level of(double fire, double signal, double alpha, double weight) {
    return new Level(fire, signal, signal - QUARTER, alpha, weight);
  }

  /** Whether the ramp freezes before the guard fires. */
  public boolean freezes() {
    return signal < fire;
  }
}
