package io.serin.statistics.design;

import io.serin.statistics.confidence.BernoulliSequence;
import io.serin.statistics.sequential.Stratum;

/**
 * A margin in points as the relative risk that an {@link
 * io.serin.statistics.sequential.EventLabelProcess} allows: "no more than δ worse" is m = (p₀+δ)/p₀
 * at control's rate p₀. With a lower limit of p₀ in its place m can only be too large, so the
 * guard's guarantee needs the limit to hold and no more: P(false rollback) ≤ α plus the limit's own
 * error. The limit is read once, from data before the stratum.
 *
 * @param points δ ≥ 0 as a share (.005 is half a point)
 * @param controlEvents of control in earlier data
 * @param controlUnits that these are of; 0 where there is no earlier data
 * @param alpha error of the lower limit, in (0, 1)
 */
public record PointMargin(double points, long controlEvents, long controlUnits, double alpha) {
  private static final double TUNED_UNITS = 1_000;

  public PointMargin {
    if (!(points >= 0 && points < 1)) {
      throw new IllegalArgumentException("points: must lie in [0, 1), not " + points);
    }
    if (!(controlEvents >= 0 && controlEvents <= controlUnits)) {
      throw new IllegalArgumentException(
          "controlEvents: 0 <= events <= units is required, not "
              + controlEvents
              + " of "
              + controlUnits);
    }
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("alpha: must lie strictly between 0 and 1, not " + alpha);
    }
  }

  /** Control's lower limit, valid at whatever moment it is read; 0 without earlier data. */
  public double controlLowerLimit() {
    return controlUnits == 0
        ? 0
        : BernoulliSequence.interval(
                (double) controlEvents, (double) controlUnits, alpha, TUNED_UNITS, alpha)
            .low();
  }

  /** m, with the limit floored at 0.1 %: the margin of a {@link Stratum}. */
  public double relative() {
    return Stratum.marginOfPoints(controlLowerLimit(), points);
  }
}
