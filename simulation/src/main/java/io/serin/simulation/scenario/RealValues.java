package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.statistics.sketch.LogSketch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Recorded values (tokens, latencies) split at random between two arms, the candidate's multiplied:
 * by exactly the margin the guard may fire with probability α at most and must fire sometimes; by a
 * quarter more it must find it. The values keep their order in time, from a random start on.
 *
 * @param label what the values are
 * @param values positive, in order of time
 * @param units of one run after those that the thresholds are read from
 * @param share ρ of the candidate
 * @param alpha level of the guard
 */
public record RealValues(String label, List<Double> values, int units, double share, double alpha)
    implements Scenario {
  private static final int PER_WINDOW = 100;

  public RealValues {
    values = List.copyOf(values);
    if (values.size() < 200) {
      throw new IllegalArgumentException("values: at least 200 are required, not " + values.size());
    }
  }

  /** 10,000 units at 25 %, α = .05. */
  public RealValues(String label, List<Double> values) {
    this(label, values, 10_000, 0.25, 0.05);
  }

  @Override
  public String name() {
    return "real-" + label;
  }

  @Override
  public String question() {
    return "recorded "
        + label
        + " at exactly the margin: alarms above 0 and at most α; beyond it found";
  }

  @Override
  public int fullRuns() {
    return 2_000;
  }

  @Override
  public int quickRuns() {
    return 100;
  }

  @Override
  public Report run(long seed, int runs) {
    List<Figure> figures = new ArrayList<>();
    for (double margin : new double[] {1.2, 1.5}) {
      double gamma = margin == 1.2 ? LogSketch.TIMES : LogSketch.TOKENS;
      for (double q : new double[] {0.5, 0.95}) {
        String guard = String.format(Locale.ROOT, "p%.0f, margin ×%.1f, ", 100 * q, margin);
        long at = Runs.hits(Runs.of(seed, runs, r -> fires(r, 1, margin, q, gamma)));
        figures.add(Figure.aboveZeroAtMost(guard + "at the margin", at, runs, alpha));
        long beyond = Runs.hits(Runs.of(seed + 1, runs, r -> fires(r, 1.25, margin, q, gamma)));
        figures.add(Figure.atLeast(guard + "1.25 × the margin", beyond, runs, 0.9));
      }
    }
    return new Report(name(), question(), seed, runs, figures);
  }

  /** The candidate is {@code beyond} times the margin slower. */
  private double fires(
      SplittableRandom random, double beyond, double margin, double q, double gamma) {
    int start = random.nextInt(values.size());
    int earlier = Math.min(2_000, values.size() / 5);
    LogSketch before = new LogSketch(gamma);
    for (int i = 0; i < earlier; i++) {
      before.add(values.get((start + i) % values.size()));
    }
    SlownessGuard guard = new SlownessGuard(before, q, share, alpha);
    for (int i = 0; i < units; i++) {
      boolean candidate = random.nextDouble() < share;
      double value = values.get((start + earlier + i) % values.size());
      double rescaled = candidate ? value * (beyond * margin) / margin : value;
      if (guard.fires(i / PER_WINDOW, candidate, rescaled)) {
        return 1;
      }
    }
    return 0;
  }
}
