package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.Settled;
import io.serin.statistics.sequential.Evidence;
import io.serin.statistics.sequential.ExceedanceCounts;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.MixtureState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A both-outcome bet whose counts {candidate yes, candidate no, control yes, control no} are kept
 * in {@link WindowedCells}.
 */
public final class Exceedances {
  private final WindowedCells kept;
  private final ExceedanceProcess process;
  private final Map<StratumId, long[]> totals = new TreeMap<>();

  /** Of units that are independent. */
  public Exceedances(ExceedanceDesign design, Cells cells, String owner) {
    this(design, Evidence.units(), cells, owner);
  }

  Exceedances(ExceedanceDesign design, Evidence evidence, Cells cells, String owner) {
    this.kept = new WindowedCells(cells, owner, 4);
    kept.settled().forEach((of, c) -> add(totals, of.stratum(), c, 1));
    List<ExceedanceCounts> open = new ArrayList<>();
    kept.open()
        .forEach(
            (of, c) -> {
              open.add(
                  new ExceedanceCounts(
                      of.window(), of.version(), of.stratum().stratum(), c[0], c[1], c[2], c[3]));
              add(totals, of.stratum(), c, 1);
            });
    this.process =
        kept.folded().length == 0
            ? ExceedanceProcess.of(design, evidence, open)
            : ExceedanceProcess.of(design, evidence, kept.folded(), open);
  }

  private static void add(Map<StratumId, long[]> sums, StratumId stratum, long[] counts, int sign) {
    long[] sum = sums.computeIfAbsent(stratum, added -> new long[counts.length]);
    for (int i = 0; i < counts.length; i++) {
      sum[i] += sign * counts[i];
    }
  }

  public void add(long window, int version, StratumId stratum, boolean candidate, boolean yes) {
    int at = (candidate ? 0 : 2) + (yes ? 0 : 1);
    process.add(window, version, stratum.stratum(), candidate, yes);
    totals.computeIfAbsent(stratum, added -> new long[4])[at]++;
    kept.add(process.open(window), version, stratum, at);
    if (kept.fold(window, process::foldBefore)) {
      Map<StratumId, long[]> sums = new TreeMap<>();
      totals.forEach((of, counts) -> add(sums, of, counts, 1));
      kept.open().forEach((of, counts) -> add(sums, of.stratum(), counts, -1));
      Map<Settled, long[]> settled = new HashMap<>();
      sums.forEach((of, counts) -> settled.put(new Settled(0, of), counts));
      kept.keep(process.folded(), settled);
    }
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
    totals.forEach((stratum, c) -> counts.add(Finding.Counts.of(stratum.stratum(), c[0], c[2])));
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
    return sums()[0];
  }

  long controlYes() {
    return sums()[2];
  }
}
