package io.serin.analytics.gates;

import io.serin.analytics.judge.CellKey.OfStratum;
import io.serin.analytics.judge.Cells;
import io.serin.analytics.judge.Strata;
import io.serin.analytics.judge.StratumId;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Metric;
import io.serin.rollout.Variant;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * How each unit's first request of a stage came out, by stratum: bad requests and units of one
 * candidate and of control. Kept for errors always, for other rates where a guard asks to show them
 * not worse.
 */
public final class FirstOutcomes {
  private static final int CANDIDATE_BAD = 0;
  private static final int CONTROL_BAD = 1;
  private static final int CANDIDATE_UNITS = 2;
  private static final int CONTROL_UNITS = 3;

  private final Metric metric;
  private final String candidate;
  private final Cells cells;
  private final String owner;
  private final NavigableMap<StratumId, long[]> byStratum = new TreeMap<>();

  /** Both arms over some strata. */
  public record Totals(long candidateBad, long controlBad, long candidateUnits, long controlUnits) {
    public long units() {
      return candidateUnits + controlUnits;
    }

    /** Control's rate, half an event more, so that it is never 0. */
    public double controlRate() {
      return (controlBad + 0.5) / (controlUnits + 1.0);
    }
  }

  FirstOutcomes(Metric metric, String candidate, Cells cells) {
    this.metric = metric;
    this.candidate = candidate;
    this.cells = cells;
    this.owner = Cells.owner("first", metric.text(), candidate);
    cells
        .of(owner)
        .forEach(
            (index, counts) -> {
              if (index instanceof OfStratum of) {
                byStratum.put(of.stratum(), counts.clone());
              }
            });
  }

  static boolean knows(Metric metric) {
    return metric == Metric.ERROR_RATE || metric == Metric.REFUSAL_RATE;
  }

  void observe(Observation observation) {
    StratumId stratum = observation.first() ? Strata.of(observation, candidate) : null;
    if (stratum == null) {
      return;
    }
    boolean bad =
        metric == Metric.ERROR_RATE
            ? observation.end() == Observation.End.FAILED
            : observation.firstRefusal() && observation.end() == Observation.End.OK;
    boolean ofCandidate = !observation.variant().equals(Variant.CONTROL);
    add(stratum, ofCandidate ? CANDIDATE_UNITS : CONTROL_UNITS);
    if (bad) {
      add(stratum, ofCandidate ? CANDIDATE_BAD : CONTROL_BAD);
    }
  }

  private void add(StratumId stratum, int index) {
    byStratum.computeIfAbsent(stratum, s -> new long[4])[index]++;
    cells.add(owner, new OfStratum(stratum), 4, index, 1);
  }

  /** {candidate bad, control bad, candidate's units, control's units} by stratum. */
  NavigableMap<StratumId, long[]> strata() {
    return byStratum;
  }

  public Totals totals() {
    return totals(stratum -> true);
  }

  public Totals inStage(int stage) {
    return totals(stratum -> stratum.stage() == stage);
  }

  private Totals totals(Predicate<StratumId> which) {
    long[] sums = new long[4];
    byStratum.forEach(
        (stratum, counts) -> {
          for (int i = 0; which.test(stratum) && i < sums.length; i++) {
            sums[i] += counts[i];
          }
        });
    return new Totals(
        sums[CANDIDATE_BAD], sums[CONTROL_BAD], sums[CANDIDATE_UNITS], sums[CONTROL_UNITS]);
  }
}
