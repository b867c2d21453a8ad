package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.statistics.sequential.SampleRatio;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A split that gives the candidate 5.3 % where 5 % was promised must be found; an honest one never.
 *
 * @param units of one run
 * @param promised the candidate's share
 * @param broken what it gets
 */
public record BrokenSplit(int units, double promised, double broken) implements Scenario {
  private static final int LOOK = 500;

  public BrokenSplit() {
    this(200_000, 0.05, 0.053);
  }

  @Override
  public String name() {
    return "sample-ratio";
  }

  @Override
  public String question() {
    return broken
        + " for "
        + promised
        + " found by "
        + units
        + " units in 95 %, an honest split never in 1,000 runs";
  }

  @Override
  public int fullRuns() {
    return 1_000;
  }

  @Override
  public int quickRuns() {
    return 100;
  }

  @Override
  public Report run(long seed, int runs) {
    long found = Runs.hits(Runs.of(seed, runs, r -> held(r, broken)));
    long honest = Runs.hits(Runs.of(seed + 1, runs, r -> held(r, promised)));
    return new Report(
        name(),
        question(),
        seed,
        runs,
        List.of(
            Figure.atLeast("broken split held", found, runs, 0.95),
            new Figure(
                "honest split held (E ≥ 1000)",
                (double) honest / runs,
                0,
                0,
                // More runs than that will see one: P(E ever ≥ 1000) is about .0002.
                runs <= 1_000 ? 0 : 0.001)));
  }

  private double held(SplittableRandom random, double share) {
    double[] shares = {promised, 1 - promised};
    long[] counts = new long[2];
    for (int i = 1; i <= units; i++) {
      counts[random.nextDouble() < share ? 0 : 1]++;
      if (i % LOOK == 0 && SampleRatio.logE(counts, shares) >= Math.log(1000)) {
        return 1;
      }
    }
    return 0;
  }
}
