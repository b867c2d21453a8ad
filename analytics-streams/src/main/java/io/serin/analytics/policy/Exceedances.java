package io.serin.analytics.policy;

import io.serin.statistics.sequential.ExceedanceCounts;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.MixtureState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A both-outcome bet whose counts are kept in cells: PREFIX|window|version|stratum → {candidate
 * yes, candidate no, control yes, control no}.
 */
final class Exceedances {
  private final String prefix;
  private final Cells cells;
  private final ExceedanceProcess process;
  private final Map<String, long[]> totals = new TreeMap<>();

  Exceedances(ExceedanceDesign design, Cells cells, String prefix) {
    this.prefix = prefix;
    this.cells = cells;
    this.process = new ExceedanceProcess(design);
    String start = Cells.name(prefix, "");
    cells
        .under(start)
        .forEach(
            (name, counts) -> {
              String[] parts = name.substring(start.length()).split("\\|", -1);
              process.add(
                  new ExceedanceCounts(
                      Long.parseLong(parts[0]),
                      Integer.parseInt(parts[1]),
                      Strata.parse(parts[2]),
                      counts[0],
                      counts[1],
                      counts[2],
                      counts[3]));
              long[] sums = totals.computeIfAbsent(parts[2], s -> new long[4]);
              for (int i = 0; i < 4; i++) {
                sums[i] += counts[i];
              }
            });
  }

  void add(long window, int version, String stratum, boolean candidate, boolean yes) {
    int index = (candidate ? 0 : 2) + (yes ? 0 : 1);
    process.add(window, version, Strata.parse(stratum), candidate, yes);
    totals.computeIfAbsent(stratum, s -> new long[4])[index]++;
    cells.add(Cells.name(prefix, window, version, stratum), 4, index, 1);
  }

  double logE() {
    return process.logE();
  }

  MixtureState mixture() {
    return process.mixture();
  }

  /** Both outcomes by stratum, as {@link Finding.Counts} of those with a yes. */
  List<Finding.Counts> counts() {
    List<Finding.Counts> counts = new ArrayList<>();
    totals.forEach(
        (stratum, c) -> counts.add(Finding.Counts.of(Strata.parse(stratum), c[0], c[2])));
    return counts;
  }

  /** Into rates: a unit for each outcome, an event for each yes. */
  void addTo(Rates rates) {
    totals.forEach(
        (stratum, c) -> {
          rates.units(stratum, c[0] + c[1], c[2] + c[3]);
          rates.events(stratum, c[0], c[2]);
        });
  }

  long candidateYes() {
    return totals.values().stream().mapToLong(c -> c[0]).sum();
  }

  long controlYes() {
    return totals.values().stream().mapToLong(c -> c[2]).sum();
  }
}
