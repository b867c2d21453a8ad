package io.serin.analytics.policy;

/**
 * The heights that one guard's log e-value is held against.
 *
 * @param fire ln(1/(α·w))
 * @param signal where the ramp freezes; equal to fire where the guard does not roll back
 * @param alpha the level that weight is a part of
 */
record Level(double fire, double signal, double alpha, double weight) {
  /** Of each of two processes that share the guard's part equally. */
  Level half() {
    double more = StrictMath.log(2);
    return new Level(fire + more, signal + more, alpha, weight / 2);
  }
}
