package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.OfStratum;
import io.serin.analytics.observation.EventClock;
import io.serin.rollout.value.WaitingMarks;
import io.serin.statistics.sequential.SampleRatio;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Units of both arms by stratum, and whether they are split as they should be.
 *
 * <p>A unit is heard of when its first request ends or reaches the first of {@link WaitingMarks}.
 * Units of a slow arm are heard of up to that mark later, so the split is tested on the units whose
 * first request began long enough ago that it must have been heard of, whatever its arm.
 */
final class Exposures {
  private final Cells cells;
  private final String owner;
  private final NavigableMap<StratumId, long[]> byStratum = new TreeMap<>();

  /** Those of byStratum that the split is not tested on yet, by the second they began in. */
  private final DelayedCounts young;

  Exposures(Cells cells, String owner) {
    this.cells = cells;
    this.owner = owner;
    this.young = new DelayedCounts(cells, Cells.owner(owner, "young"), 2);
    cells
        .of(owner)
        .forEach(
            (index, units) -> {
              if (index instanceof OfStratum of) {
                byStratum.put(of.stratum(), units.clone());
              }
            });
  }

  void add(StratumId stratum, boolean candidate) {
    int arm = candidate ? 0 : 1;
    byStratum.computeIfAbsent(stratum, s -> new long[2])[arm]++;
    cells.add(owner, new OfStratum(stratum), 2, arm, 1);
  }

  /** Counts a unit whose first request began at this time, milliseconds since the epoch. */
  void add(StratumId stratum, boolean candidate, long startedAt, EventClock clock) {
    add(stratum, candidate);
    long heardOf = EventClock.second(startedAt + WaitingMarks.FIRST + Strata.GRACE);
    if (!clock.passed(heardOf)) {
      young.add(heardOf, 0, stratum, candidate ? 0 : 1);
    }
  }

  /** Time passed: the split is tested on more units. */
  void advance(EventClock clock) {
    young.release(clock, (second, version, stratum, units) -> {});
  }

  /** {candidate, control}; zeros where the stratum has none. */
  long[] of(StratumId stratum) {
    return byStratum.getOrDefault(stratum, new long[2]);
  }

  Finding.Arms total() {
    long candidate = 0;
    long control = 0;
    for (long[] units : byStratum.values()) {
      candidate += units[0];
      control += units[1];
    }
    return new Finding.Arms(candidate, control);
  }

  /** The units that the split is tested on, by stratum. */
  private NavigableMap<StratumId, long[]> heardOf() {
    Map<StratumId, long[]> waiting = young.waiting();
    if (waiting.isEmpty()) {
      return byStratum;
    }
    NavigableMap<StratumId, long[]> heardOf = new TreeMap<>();
    byStratum.forEach(
        (stratum, units) -> {
          long[] not = waiting.getOrDefault(stratum, new long[2]);
          heardOf.put(stratum, new long[] {units[0] - not[0], units[1] - not[1]});
        });
    return heardOf;
  }

  /** Natural logarithm of the e-value against the split that was ordered. */
  double logE() {
    return SampleRatio.of(
            heardOf().entrySet().stream()
                .map(
                    entry -> {
                      double share = entry.getKey().label().value();
                      return new SampleRatio.Exposures(
                          entry.getKey().name(),
                          List.of(share, 1 - share),
                          List.of(entry.getValue()[0], entry.getValue()[1]));
                    })
                .toList())
        .logE();
  }

  /** Candidate's units beyond their share; negative where some are missing. */
  double surplus() {
    double surplus = 0;
    for (var entry : heardOf().entrySet()) {
      double share = entry.getKey().label().value();
      long[] units = entry.getValue();
      surplus += units[0] - share * (units[0] + units[1]);
    }
    return surplus;
  }

  /** The units that the split is tested on. */
  List<Finding.Counts> counts() {
    List<Finding.Counts> counts = new ArrayList<>();
    heardOf()
        .forEach(
            (stratum, units) ->
                counts.add(Finding.Counts.of(stratum.stratum(), units[0], units[1])));
    return counts;
  }

  NavigableMap<StratumId, long[]> strata() {
    return byStratum;
  }
}
