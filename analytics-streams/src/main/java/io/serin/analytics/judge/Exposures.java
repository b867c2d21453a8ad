package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.OfStratum;
import io.serin.statistics.sequential.SampleRatio;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Units of both arms by stratum, and whether they are split as they should be. */
final class Exposures {
  private final Cells cells;
  private final String owner;
  private final NavigableMap<StratumId, long[]> byStratum = new TreeMap<>();

  Exposures(Cells cells, String owner) {
    this.cells = cells;
    this.owner = owner;
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

  /** Natural logarithm of the e-value against the split that was ordered. */
  double logE() {
    return SampleRatio.of(
            byStratum.entrySet().stream()
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
    for (var entry : byStratum.entrySet()) {
      double share = entry.getKey().label().value();
      long[] units = entry.getValue();
      surplus += units[0] - share * (units[0] + units[1]);
    }
    return surplus;
  }

  List<Finding.Counts> counts() {
    List<Finding.Counts> counts = new ArrayList<>();
    byStratum.forEach(
        (stratum, units) -> counts.add(Finding.Counts.of(stratum.stratum(), units[0], units[1])));
    return counts;
  }

  NavigableMap<StratumId, long[]> strata() {
    return byStratum;
  }
}
