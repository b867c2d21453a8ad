package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.Settled;
import io.serin.statistics.sequential.EventCounts;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.Evidence;
import io.serin.statistics.sequential.MixtureState;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event-label process whose counts {candidate, control} are kept in {@link WindowedCells}. */
final class EventLabels {
  /** The stratum, with its margin, of a baseline's version. */
  interface Margins {
    Stratum of(int version, StratumId stratum);
  }

  private final WindowedCells kept;
  private final Margins margins;
  private final EventLabelProcess process;
  private final Map<Stratum, Settled> known = new HashMap<>();

  EventLabels(
      EventLabelDesign design,
      Evidence.@Nullable Blocks blocks,
      Cells cells,
      String owner,
      Margins margins) {
    this.kept = new WindowedCells(cells, owner, 2);
    this.margins = margins;
    List<EventCounts> settled = new ArrayList<>();
    List<EventCounts> open = new ArrayList<>();
    kept.settled()
        .forEach(
            (of, c) ->
                settled.add(new EventCounts(0, stratum(of.version(), of.stratum()), c[0], c[1])));
    kept.open()
        .forEach(
            (of, c) ->
                open.add(
                    new EventCounts(of.window(), stratum(of.version(), of.stratum()), c[0], c[1])));
    this.process =
        kept.folded().length == 0
            ? EventLabelProcess.of(design, blocks, open)
            : EventLabelProcess.of(design, blocks, kept.folded(), settled, open);
  }

  void add(long window, int version, StratumId id, boolean candidate) {
    process.add(window, stratum(version, id), candidate);
    kept.add(process.open(window), version, id, candidate ? 0 : 1);
    if (kept.fold(window, process::foldBefore)) {
      Map<Settled, long[]> sums = new HashMap<>();
      for (EventCounts each : process.foldedCounts()) {
        Settled of = known.get(each.stratum());
        if (of != null) {
          long[] sum = sums.computeIfAbsent(of, added -> new long[2]);
          sum[0] += each.candidate();
          sum[1] += each.control();
        }
      }
      kept.keep(process.folded(), sums);
    }
  }

  private Stratum stratum(int version, StratumId id) {
    Stratum stratum = margins.of(version, id);
    known.putIfAbsent(stratum, new Settled(version, id));
    return stratum;
  }

  double logE() {
    return process.logE();
  }

  MixtureState mixture() {
    return process.mixture();
  }

  /** Events by stratum, all versions of its margin together. */
  Map<StratumId, Finding.Arms> byStratum() {
    Map<StratumId, Finding.Arms> sums = new HashMap<>();
    for (EventCounts each : process.totals()) {
      Settled of = known.get(each.stratum());
      if (of != null) {
        sums.merge(
            of.stratum(),
            new Finding.Arms(each.candidate(), each.control()),
            (a, b) -> new Finding.Arms(a.candidate() + b.candidate(), a.control() + b.control()));
      }
    }
    return sums;
  }

  /** Totals of each stratum and version, as evidence for a verdict. */
  List<Finding.Counts> counts() {
    return process.totals().stream()
        .map(c -> Finding.Counts.of(c.stratum(), c.candidate(), c.control()))
        .toList();
  }
}
