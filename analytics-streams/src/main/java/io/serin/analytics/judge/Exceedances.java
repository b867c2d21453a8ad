package io.serin.analytics.judge;

import io.serin.statistics.sequential.ExceedanceCounts;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.MixtureState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A both-outcome bet whose counts are kept in cells: PREFIX|window|version|stratum to {candidate
 * yes, candidate no, control yes, control no}. Windows older than an hour are folded: PREFIX|folded
 * holds the state of the bet, PREFIX|settled|stratum the counts.
 */
public final class Exceedances {
  private final String prefix;
  private final Cells cells;
  private final ExceedanceProcess process;
  private final Map<String, long[]> totals = new TreeMap<>();
  private final FoldSchedule schedule;

  public Exceedances(ExceedanceDesign design, Cells cells, String prefix) {
    this.prefix = prefix;
    this.cells = cells;
    String start = Cells.name(prefix, "");
    List<ExceedanceCounts> open = new ArrayList<>();
    long[] folded = new long[0];
    for (Map.Entry<String, long[]> cell : cells.under(start).entrySet()) {
      String[] parts = cell.getKey().substring(start.length()).split("\\|", -1);
      long[] c = cell.getValue();
      switch (parts[0]) {
        case FoldSchedule.FOLDED -> folded = c;
        case FoldSchedule.SETTLED -> total(parts[1], c);
        default -> {
          open.add(
              new ExceedanceCounts(
                  Long.parseLong(parts[0]),
                  Integer.parseInt(parts[1]),
                  Strata.parse(parts[2]),
                  c[0],
                  c[1],
                  c[2],
                  c[3]));
          total(parts[2], c);
        }
      }
    }
    this.process =
        folded.length == 0
            ? ExceedanceProcess.of(design, open)
            : ExceedanceProcess.of(design, folded, open);
    this.schedule =
        FoldSchedule.of(folded, open.stream().mapToLong(ExceedanceCounts::window).min());
  }

  private void total(String stratum, long[] counts) {
    long[] sums = totals.computeIfAbsent(stratum, s -> new long[4]);
    for (int i = 0; i < 4; i++) {
      sums[i] += counts[i];
    }
  }

  public void add(long window, int version, String stratum, boolean candidate, boolean yes) {
    int index = (candidate ? 0 : 2) + (yes ? 0 : 1);
    process.add(window, version, Strata.parse(stratum), candidate, yes);
    totals.computeIfAbsent(stratum, s -> new long[4])[index]++;
    cells.add(Cells.name(prefix, process.open(window), version, stratum), 4, index, 1);
    if (schedule.due(window)) {
      fold(schedule.before(window));
    }
  }

  private void fold(long before) {
    long through = process.foldBefore(before);
    if (!schedule.folded(through)) {
      return;
    }
    cells.set(Cells.name(prefix, FoldSchedule.FOLDED), process.folded());
    Map<String, long[]> settled = new TreeMap<>();
    totals.forEach((stratum, sums) -> settled.put(stratum, sums.clone()));
    for (ExceedanceCounts open : process.counts()) {
      long[] sums = settled.getOrDefault(open.stratum().name(), new long[4]);
      sums[0] -= open.candidateAbove();
      sums[1] -= open.candidateBelow();
      sums[2] -= open.controlAbove();
      sums[3] -= open.controlBelow();
    }
    settled.forEach(
        (stratum, sums) -> cells.set(Cells.name(prefix, FoldSchedule.SETTLED, stratum), sums));
    FoldSchedule.removeWindows(cells, prefix, through);
  }

  public double logE() {
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

  /** {candidate yes, candidate no, control yes, control no} over all strata. */
  public long[] sums() {
    long[] sums = new long[4];
    for (long[] each : totals.values()) {
      for (int i = 0; i < 4; i++) {
        sums[i] += each[i];
      }
    }
    return sums;
  }

  long candidateYes() {
    return totals.values().stream().mapToLong(c -> c[0]).sum();
  }

  long controlYes() {
    return totals.values().stream().mapToLong(c -> c[2]).sum();
  }
}
