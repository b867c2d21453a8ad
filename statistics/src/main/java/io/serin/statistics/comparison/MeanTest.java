package io.serin.statistics.comparison;

import io.serin.statistics.Interval;
import io.serin.statistics.confidence.AsymptoticSequence;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Tests of an {@link Effect}: Welch's t-test, valid at one look, and the asymptotic sequential
 * test, valid at every look in the limit of large samples.
 */
public final class MeanTest {
  /** Which differences speak against "no effect". */
  public enum Side {
    TWO_SIDED,
    GREATER,
    LESS
  }

  /** The units for which sequential tests are tuned unless told otherwise. */
  public static final double TUNED_UNITS = 5000;

  /** Levels between which a one-sided sequential p-value is reported. */
  private static final double LOWEST_P = 1e-5;

  private static final double HIGHEST_P = 0.4999;

  /**
   * An estimate with its interval at 1−α and its p-value; the interval of a one-sided test has one
   * infinite end.
   */
  public record Result(double estimate, double standardError, Interval interval, double pValue) {}

  private MeanTest() {}

  /** Welch's t-test of "the effect is {@code nullValue}". */
  public static Result atOneLook(Effect effect, Side side, double alpha, double nullValue) {
    TDistribution t = TDistribution.of(effect.degreesOfFreedom());
    double score = (effect.estimate() - nullValue) / effect.standardError();
    double p =
        switch (side) {
          case TWO_SIDED -> 2 * t.survivalProbability(Math.abs(score));
          case GREATER -> t.survivalProbability(score);
          case LESS -> t.cumulativeProbability(score);
        };
    double level = side == Side.TWO_SIDED ? alpha / 2 : alpha;
    return result(effect, side, t.inverseSurvivalProbability(level) * effect.standardError(), p);
  }

  /**
   * The asymptotic sequential test of "the effect is 0", tightest about {@code tunedUnits} units of
   * both arms.
   */
  public static Result atEveryLook(Effect effect, Side side, double alpha, double tunedUnits) {
    boolean oneSided = side != Side.TWO_SIDED;
    AsymptoticSequence sequence = AsymptoticSequence.tunedFor(tunedUnits, alpha, oneSided);
    double n = effect.units();
    double error = effect.standardError();
    double half = sequence.halfWidth(error * error * n, n);
    double p =
        oneSided
            ? levelThatTouchesZero(
                side == Side.LESS ? -effect.estimate() : effect.estimate(), sequence.rho(), effect)
            : sequence.pValue(effect.estimate(), error, n);
    return result(effect, side, half, p);
  }

  /**
   * The level whose one-sided bound is within 1e-6 of 0, by bisection between 1e-5 and .4999 as
   * gbstats has it, so that figures agree; {@link AsymptoticSequence#pValue} solves it exactly.
   */
  private static double levelThatTouchesZero(double estimate, double rho, Effect effect) {
    double n = effect.units();
    double variance = effect.standardError() * effect.standardError() * n;
    double low = LOWEST_P;
    double high = HIGHEST_P;
    if (estimate > new AsymptoticSequence(rho, low, true).halfWidth(variance, n)) {
      return low;
    }
    if (estimate < new AsymptoticSequence(rho, high, true).halfWidth(variance, n)) {
      return high;
    }
    double level = 0.5 * (low + high);
    for (int i = 0; i < 100; i++) {
      double bound = estimate - new AsymptoticSequence(rho, level, true).halfWidth(variance, n);
      if (bound < 0) {
        low = level;
      } else {
        high = level;
      }
      level = 0.5 * (low + high);
      if (Math.abs(bound) < 1e-6) {
        break;
      }
    }
    return level;
  }

  private static Result result(Effect effect, Side side, double half, double p) {
    double estimate = effect.estimate();
    Interval interval =
        switch (side) {
          case TWO_SIDED -> new Interval(estimate - half, estimate + half);
          case GREATER -> new Interval(estimate - half, Double.POSITIVE_INFINITY);
          case LESS -> new Interval(Double.NEGATIVE_INFINITY, estimate + half);
        };
    return new Result(estimate, effect.standardError(), interval, p);
  }
}
