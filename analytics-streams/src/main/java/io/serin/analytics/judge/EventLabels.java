package io.serin.analytics.judge;

import io.serin.statistics.sequential.EventCounts;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.MixtureState;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * An event-label process whose counts are kept in cells: PREFIX|window|key to {candidate, control}.
 * Windows older than an hour are folded: PREFIX|folded holds the starts, PREFIX|settled|key the
 * counts. A key names a stratum; {@code parse} says which.
 */
final class EventLabels {
  private final String prefix;
  private final Cells cells;
  private final Function<String, Stratum> parse;
  private final EventLabelProcess process;
  private final Map<Stratum, String> keys = new HashMap<>();
  private final FoldSchedule schedule;

  EventLabels(
      EventLabelDesign design, Cells cells, String prefix, Function<String, Stratum> parse) {
    this.prefix = prefix;
    this.cells = cells;
    this.parse = parse;
    String start = Cells.name(prefix, "");
    List<EventCounts> settled = new ArrayList<>();
    List<EventCounts> open = new ArrayList<>();
    long[] folded = new long[0];
    for (Map.Entry<String, long[]> cell : cells.under(start).entrySet()) {
      String[] parts = cell.getKey().substring(start.length()).split("\\|", 2);
      long[] c = cell.getValue();
      switch (parts[0]) {
        case FoldSchedule.FOLDED -> folded = c;
        case FoldSchedule.SETTLED -> settled.add(new EventCounts(0, stratum(parts[1]), c[0], c[1]));
        default ->
            open.add(new EventCounts(Long.parseLong(parts[0]), stratum(parts[1]), c[0], c[1]));
      }
    }
    this.process =
        folded.length == 0
            ? EventLabelProcess.of(design, open)
            : EventLabelProcess.of(design, folded, settled, open);
    this.schedule = FoldSchedule.of(folded, open.stream().mapToLong(EventCounts::window).min());
  }

  void add(long window, String key, boolean candidate) {
    process.add(window, stratum(key), candidate);
    cells.add(Cells.name(prefix, process.open(window), key), 2, candidate ? 0 : 1, 1);
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
    Map<String, long[]> sums = new TreeMap<>();
    for (EventCounts each : process.foldedCounts()) {
      long[] sum =
          sums.computeIfAbsent(
              keys.getOrDefault(each.stratum(), each.stratum().name()), key -> new long[2]);
      sum[0] += each.candidate();
      sum[1] += each.control();
    }
    sums.forEach((key, sum) -> cells.set(Cells.name(prefix, FoldSchedule.SETTLED, key), sum));
    FoldSchedule.removeWindows(cells, prefix, through);
  }

  private Stratum stratum(String key) {
    Stratum stratum = parse.apply(key);
    keys.putIfAbsent(stratum, key);
    return stratum;
  }

  double logE() {
    return process.logE();
  }

  MixtureState mixture() {
    return process.mixture();
  }

  List<EventCounts> totals() {
    return process.totals();
  }

  /** Totals of each stratum, as evidence for a verdict. */
  List<Finding.Counts> counts() {
    return process.totals().stream()
        .map(c -> Finding.Counts.of(c.stratum(), c.candidate(), c.control()))
        .toList();
  }

  long candidateEvents() {
    return process.candidateEvents();
  }

  long controlEvents() {
    return process.controlEvents();
  }
}
