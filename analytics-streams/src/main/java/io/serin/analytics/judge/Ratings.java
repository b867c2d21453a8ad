package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.Settled;
import io.serin.statistics.sequential.FeedbackCounts;
import io.serin.statistics.sequential.FeedbackDesign;
import io.serin.statistics.sequential.FeedbackProcess;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A process on ratings whose counts {candidate down, candidate up, control down, control up} are
 * kept in {@link WindowedCells}. A settled cell holds the counts of all folded windows, and then
 * those of the block that they have not completed.
 */
final class Ratings {
  private static final int COUNTS = 4;

  private final WindowedCells kept;
  private final FeedbackProcess process;
  private final Map<StratumId, long[]> totals = new TreeMap<>();

  Ratings(FeedbackDesign design, Cells cells, String owner) {
    this.kept = new WindowedCells(cells, owner, COUNTS);
    List<FeedbackCounts> open = new ArrayList<>();
    kept.open()
        .forEach(
            (of, c) -> {
              open.add(counts(of.window(), of.stratum(), c, 0));
              total(of.stratum(), c, 1, totals);
            });
    List<FeedbackCounts> before = new ArrayList<>();
    List<FeedbackCounts> blocks = new ArrayList<>();
    kept.settled()
        .forEach(
            (of, c) -> {
              before.add(counts(0, of.stratum(), c, 0));
              blocks.add(counts(0, of.stratum(), c, COUNTS));
              total(of.stratum(), c, 1, totals);
            });
    this.process =
        kept.folded().length == 0
            ? FeedbackProcess.of(design, open)
            : FeedbackProcess.of(design, kept.folded(), blocks, before, open);
  }

  void add(long window, StratumId stratum, boolean candidate, boolean bad) {
    int at = (candidate ? 0 : 2) + (bad ? 0 : 1);
    process.add(window, stratum.stratum(), candidate, bad);
    totals.computeIfAbsent(stratum, added -> new long[COUNTS])[at]++;
    kept.add(process.open(window), 0, stratum, at);
    if (kept.fold(window, process::foldBefore)) {
      kept.keep(process.folded(), settled());
    }
  }

  private Map<Settled, long[]> settled() {
    Map<StratumId, long[]> sums = new TreeMap<>();
    totals.forEach((of, counts) -> total(of, counts, 1, sums));
    kept.open().forEach((of, counts) -> total(of.stratum(), counts, -1, sums));
    Map<String, FeedbackCounts> blocks = new HashMap<>();
    process.foldedBlocks().forEach(block -> blocks.put(block.stratum().name(), block));
    Map<Settled, long[]> settled = new HashMap<>();
    sums.forEach(
        (of, c) -> {
          FeedbackCounts block = blocks.get(of.name());
          long[] both = new long[2 * COUNTS];
          System.arraycopy(c, 0, both, 0, COUNTS);
          if (block != null) {
            both[COUNTS] = block.candidateBad();
            both[COUNTS + 1] = block.candidateRated() - block.candidateBad();
            both[COUNTS + 2] = block.controlBad();
            both[COUNTS + 3] = block.controlRated() - block.controlBad();
          }
          settled.put(new Settled(0, of), both);
        });
    return settled;
  }

  private static FeedbackCounts counts(long window, StratumId stratum, long[] c, int from) {
    return new FeedbackCounts(
        window,
        stratum.stratum(),
        c[from],
        c[from] + c[from + 1],
        c[from + 2],
        c[from + 2] + c[from + 3]);
  }

  private static void total(
      StratumId stratum, long[] counts, int sign, Map<StratumId, long[]> sums) {
    long[] sum = sums.computeIfAbsent(stratum, added -> new long[COUNTS]);
    for (int i = 0; i < COUNTS; i++) {
      sum[i] += sign * counts[i];
    }
  }

  FeedbackProcess process() {
    return process;
  }

  /** Units that rated, and those of them that gave a thumb down. */
  Rates rates() {
    Rates rates = new Rates();
    totals.forEach(
        (stratum, c) -> {
          rates.units(stratum, c[0] + c[1], c[2] + c[3]);
          rates.events(stratum, c[0], c[2]);
        });
    return rates;
  }
}
