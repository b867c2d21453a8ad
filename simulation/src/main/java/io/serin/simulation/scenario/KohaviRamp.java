package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.statistics.comparison.StratifiedTables;
import io.serin.statistics.comparison.StratifiedTables.Table;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.List;

/**
 * Kohavi's ramp: a candidate that is worse on both days and looks better pooled, since most of its
 * units came on the day with few events. Exact, without randomness.
 */
public record KohaviRamp() implements Scenario {
  @Override
  public String name() {
    return "simpson";
  }

  @Override
  public String question() {
    return "pooled over the ramp the candidate looks better, combined over days it is worse";
  }

  @Override
  public int fullRuns() {
    return 1;
  }

  @Override
  public int quickRuns() {
    return 1;
  }

  @Override
  public Report run(long seed, int runs) {
    StratifiedTables days =
        new StratifiedTables(
            List.of(
                new Table(230, 10_000, 20_000, 990_000),
                new Table(6_000, 500_000, 5_000, 500_000)));
    EventLabelProcess process = new EventLabelProcess(EventLabelDesign.worse());
    process.add(0, new Stratum("day 1", 0.01), 230, 20_000);
    process.add(1, new Stratum("day 2", 0.5), 6_000, 5_000);
    return new Report(
        name(),
        question(),
        seed,
        runs,
        List.of(
            new Figure(
                "pooled odds ratio: below 1, misleading", days.pooled().oddsRatio(), 0, 0, 0.999),
            new Figure("Mantel–Haenszel odds ratio", days.oddsRatio(), 0, 1.197, 1.199),
            new Figure(
                "ln E, worse: fires at 4.6", process.logE(), 0, Math.log(100), Double.MAX_VALUE)));
  }
}
