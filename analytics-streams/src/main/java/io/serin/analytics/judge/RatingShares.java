package io.serin.analytics.judge;

import java.util.Locale;
import java.util.Map;

/**
 * How many of all exposed units rate, and are dissatisfied, in both arms; and between what their
 * difference lies among people who rate in either arm, whatever those think who rate in one only.
 *
 * @param candidateRates share of the candidate's units that rated
 * @param controlRates the same of control
 * @param candidateDown share of the candidate's units that gave a thumb down
 * @param controlDown the same of control
 */
record RatingShares(
    double candidateRates, double controlRates, double candidateDown, double controlDown) {

  static RatingShares of(Finding.Arms units, Finding.Arms rating, Finding.Arms down) {
    return new RatingShares(
        share(rating.candidate(), units.candidate()),
        share(rating.control(), units.control()),
        share(down.candidate(), units.candidate()),
        share(down.control(), units.control()));
  }

  /** A rating may be known before its unit's first request is: never more than all. */
  private static double share(long some, long units) {
    return units == 0 ? 0 : Math.min(1, (double) some / units);
  }

  /** Thumbs down of all units, candidate less control. */
  double difference() {
    return candidateDown - controlDown;
  }

  /**
   * The least difference among as many people as rate in control: all whom the candidate made rate
   * besides are dissatisfied, and would have been silently; whom it silenced are content.
   */
  double least() {
    double added = Math.max(0, candidateRates - controlRates);
    return (Math.max(0, candidateDown - added) - controlDown) / Math.max(controlRates, 1e-9);
  }

  /** The greatest: the other way round. */
  double most() {
    double silenced = Math.max(0, controlRates - candidateRates);
    return (Math.min(controlRates, candidateDown + silenced) - controlDown)
        / Math.max(controlRates, 1e-9);
  }

  Map<String, Double> evidence() {
    return Map.of(
        "candidateRates", candidateRates,
        "controlRates", controlRates,
        "candidateDownPerUnit", candidateDown,
        "controlDownPerUnit", controlDown,
        "worstCaseLow", least(),
        "worstCaseHigh", most());
  }

  /** What unequal shares leave open, as a clause. */
  String text() {
    return String.format(
        Locale.ROOT,
        "%.2f %% of its units rate, %.2f %% of control's: among equal raters thumbs down differ by"
            + " %.1f to %.1f points, whatever those think who rate in one arm only",
        100 * candidateRates,
        100 * controlRates,
        100 * least(),
        100 * most());
  }
}
