package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.statistics.sketch.LogSketch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A candidate exactly on the margin (20 % slower, 50 % more tokens): the guard may fire with
 * probability α at most, and must fire sometimes. Beyond the margin it must find it. Thresholds are
 * read from a sketch of control's earlier values, as in production.
 *
 * @param units of one run, one request each
 * @param share ρ of the candidate
 * @param sigma of the logarithm of a value
 * @param alpha level of the guard as a whole: half for each of its two processes
 */
public record AtTheMargin(int units, double share, double sigma, double alpha) implements Scenario {
  private static final int PER_WINDOW = 100;
  private static final int EARLIER = 2_000;

  public AtTheMargin() {
    this(10_000, 0.25, 0.7, 0.05);
  }

  @Override
  public String name() {
    return "margin";
  }

  @Override
  public String question() {
    return "truth exactly on each margin: alarms above 0 and at most α; 1.25 times the margin is found";
  }

  @Override
  public int fullRuns() {
    return 2_000;
  }

  @Override
  public int quickRuns() {
    return 120;
  }

  @Override
  public Report run(long seed, int runs) {
    List<Figure> figures = new ArrayList<>();
    Object[][] cases = {
      {"latency p50", 1.2, 0.5, LogSketch.TIMES},
      {"latency p95", 1.2, 0.95, LogSketch.TIMES},
      {"tokens p50", 1.5, 0.5, LogSketch.TOKENS}
    };
    int number = 0;
    for (Object[] c : cases) {
      double margin = (double) c[1];
      double q = (double) c[2];
      double gamma = (double) c[3];
      long own = seed + 10L * number++;
      long on = Runs.hits(Runs.of(own, runs, r -> fires(r, margin, margin, q, gamma)));
      figures.add(Figure.aboveZeroAtMost(c[0] + " at ×" + margin, on, runs, alpha));
      long beyond =
          Runs.hits(Runs.of(own + 1, runs, r -> fires(r, 1.25 * margin, margin, q, gamma)));
      figures.add(Figure.atLeast(c[0] + " at ×" + 1.25 * margin, beyond, runs, 0.9));
    }
    return new Report(name(), question(), seed, runs, figures);
  }

  private double fires(
      SplittableRandom random, double truth, double margin, double q, double gamma) {
    LogSketch earlier = new LogSketch(gamma);
    for (int i = 0; i < EARLIER; i++) {
      earlier.add(Runs.lognormal(random, 400, sigma));
    }
    SlownessGuard guard = new SlownessGuard(earlier, q, share, alpha);
    for (int i = 0; i < units; i++) {
      boolean candidate = random.nextDouble() < share;
      double value = Runs.lognormal(random, 400, sigma) * (candidate ? truth / margin : 1);
      if (guard.fires(i / PER_WINDOW, candidate, value)) {
        return 1;
      }
    }
    return 0;
  }
}
