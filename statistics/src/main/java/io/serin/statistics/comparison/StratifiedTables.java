package io.serin.statistics.comparison;

import io.serin.statistics.Interval;
import io.serin.statistics.Numerics;
import java.util.List;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * 2×2 tables of several strata, combined and never pooled: Mantel–Haenszel odds and risk ratios,
 * the Cochran–Mantel–Haenszel test and Breslow and Day's test of equal odds. Valid at one look. A
 * pooled table across stages of a ramp can show the opposite of every stage (Simpson's paradox).
 */
public record StratifiedTables(List<Table> strata) {
  /** Events among units of both arms. */
  public record Table(
      double candidateEvents, double candidateUnits, double controlEvents, double controlUnits) {
    public Table {
      if (!(candidateEvents >= 0
          && candidateEvents <= candidateUnits
          && controlEvents >= 0
          && controlEvents <= controlUnits)) {
        throw new IllegalArgumentException(
            "table: 0 <= events <= units is required, not "
                + candidateEvents
                + "/"
                + candidateUnits
                + " and "
                + controlEvents
                + "/"
                + controlUnits);
      }
    }

    double candidateRest() {
      return candidateUnits - candidateEvents;
    }

    double controlRest() {
      return controlUnits - controlEvents;
    }

    double units() {
      return candidateUnits + controlUnits;
    }

    public double oddsRatio() {
      return candidateEvents * controlRest() / (candidateRest() * controlEvents);
    }

    public double riskRatio() {
      return candidateEvents / candidateUnits / (controlEvents / controlUnits);
    }
  }

  public StratifiedTables {
    strata = List.copyOf(strata);
  }

  /**
   * All strata in one table: for display beside the combined figures, to show what it would mislead
   * to.
   */
  public Table pooled() {
    double a = 0;
    double n1 = 0;
    double b = 0;
    double n0 = 0;
    for (Table t : strata) {
      a += t.candidateEvents;
      n1 += t.candidateUnits;
      b += t.controlEvents;
      n0 += t.controlUnits;
    }
    return new Table(a, n1, b, n0);
  }

  /** Mantel and Haenszel's common odds ratio, candidate over control. */
  public double oddsRatio() {
    double numerator = 0;
    double denominator = 0;
    for (Table t : strata) {
      numerator += t.candidateEvents * t.controlRest() / t.units();
      denominator += t.candidateRest() * t.controlEvents / t.units();
    }
    return numerator / denominator;
  }

  /** Mantel and Haenszel's common risk ratio, candidate over control. */
  public double riskRatio() {
    double numerator = 0;
    double denominator = 0;
    for (Table t : strata) {
      numerator += t.candidateEvents * t.controlUnits / t.units();
      denominator += t.controlEvents * t.candidateUnits / t.units();
    }
    return numerator / denominator;
  }

  /** Mantel and Haenszel's common risk difference, candidate less control. */
  public double riskDifference() {
    double numerator = 0;
    double denominator = 0;
    for (Table t : strata) {
      double weight = t.candidateUnits * t.controlUnits / t.units();
      numerator +=
          weight * (t.candidateEvents / t.candidateUnits - t.controlEvents / t.controlUnits);
      denominator += weight;
    }
    return numerator / denominator;
  }

  /** Standard error of ln of the common odds ratio (Robins, Breslow, Greenland 1986). */
  public double logOddsRatioError() {
    double r = 0;
    double s = 0;
    double pr = 0;
    double mixed = 0;
    double qs = 0;
    for (Table t : strata) {
      double n = t.units();
      double agree = (t.candidateEvents + t.controlRest()) / n;
      double disagree = (t.candidateRest() + t.controlEvents) / n;
      double ri = t.candidateEvents * t.controlRest() / n;
      double si = t.candidateRest() * t.controlEvents / n;
      r += ri;
      s += si;
      pr += agree * ri;
      mixed += agree * si + disagree * ri;
      qs += disagree * si;
    }
    return Math.sqrt(pr / (2 * r * r) + mixed / (2 * r * s) + qs / (2 * s * s));
  }

  /** Interval of the common odds ratio at one look. */
  public Interval oddsRatioInterval(double alpha) {
    double half = Numerics.normalUpperQuantile(alpha / 2) * logOddsRatioError();
    double centre = Math.log(oddsRatio());
    return new Interval(Math.exp(centre - half), Math.exp(centre + half));
  }

  /** The Cochran–Mantel–Haenszel χ² test that the odds ratio is 1 in every stratum. */
  public Proportions.Test cochranMantelHaenszel(boolean corrected) {
    double difference = 0;
    double variance = 0;
    for (Table t : strata) {
      double n = t.units();
      double events = t.candidateEvents + t.controlEvents;
      difference += t.candidateEvents - t.candidateUnits * events / n;
      variance += t.candidateUnits * t.controlUnits * events * (n - events) / (n * n * (n - 1));
    }
    double distance = Math.abs(difference) - (corrected ? 0.5 : 0);
    return chiSquare(distance * distance / variance, 1);
  }

  /**
   * Breslow and Day's test that the odds ratio is the same in every stratum, with or without
   * Tarone's correction.
   */
  public Proportions.Test breslowDay(boolean tarone) {
    double common = oddsRatio();
    double statistic = 0;
    double difference = 0;
    double total = 0;
    for (Table t : strata) {
      double events = t.candidateEvents + t.controlEvents;
      double expected = expectedCandidateEvents(t, events, common);
      double variance =
          1
              / (1 / expected
                  + 1 / (t.candidateUnits - expected)
                  + 1 / (events - expected)
                  + 1 / (t.controlUnits - events + expected));
      statistic += (t.candidateEvents - expected) * (t.candidateEvents - expected) / variance;
      difference += t.candidateEvents - expected;
      total += variance;
    }
    return chiSquare(statistic - (tarone ? difference * difference / total : 0), strata.size() - 1);
  }

  /** The candidate's events that give the table this odds ratio and its own margins. */
  private static double expectedCandidateEvents(Table t, double events, double oddsRatio) {
    double a = 1 - oddsRatio;
    double b = t.controlUnits - events + oddsRatio * (t.candidateUnits + events);
    double c = -oddsRatio * t.candidateUnits * events;
    if (Math.abs(a) < 1e-14) {
      return -c / b;
    }
    // Of the two roots, the one between 0 and the margins, in the form without cancellation.
    return -2 * c / (b + Math.sqrt(b * b - 4 * a * c));
  }

  private static Proportions.Test chiSquare(double statistic, int freedom) {
    return new Proportions.Test(
        statistic,
        freedom == 0 ? 1 : ChiSquaredDistribution.of(freedom).survivalProbability(statistic));
  }
}
