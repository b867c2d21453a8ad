package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.statistics.Interval;
import io.serin.statistics.confidence.QuantileSequence;
import io.serin.statistics.sketch.LogSketch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Sketches over ten partitions merge to the sketch of the whole, and the quantile sequences read
 * from them enclose the truth at every look together; so does the ratio of two arms.
 *
 * @param values of one run, in each arm
 * @param alpha error level
 */
public record SketchCoverage(int values, double alpha) implements Scenario {
  private static final int PARTS = 10;
  private static final double SIGMA = 0.8;

  public SketchCoverage() {
    this(5_000, 0.05);
  }

  @Override
  public String name() {
    return "sketch";
  }

  @Override
  public String question() {
    return "merged sketches equal the whole, and intervals at all looks cover at least "
        + (1 - alpha);
  }

  @Override
  public int fullRuns() {
    return 2_000;
  }

  @Override
  public int quickRuns() {
    return 40;
  }

  @Override
  public Report run(long seed, int runs) {
    double[] results = Runs.of(seed, runs, this::outcome);
    List<Figure> figures = new ArrayList<>();
    String[] names = {"p50", "p95", "p99", "ratio of p95"};
    long broken = 0;
    for (double r : results) {
      broken += ((long) r >> names.length) & 1;
    }
    figures.add(new Figure("runs whose merged sketch differs", broken, 0, 0, 0));
    for (int q = 0; q < names.length; q++) {
      long covered = 0;
      for (double r : results) {
        covered += ((long) r >> q) & 1;
      }
      figures.add(Figure.atLeast(names[q] + " covered at every look", covered, runs, 1 - alpha));
    }
    return new Report(name(), question(), seed, runs, figures);
  }

  /** One bit for each interval that covered at every look, and one for a difference. */
  private double outcome(SplittableRandom random) {
    double[] levels = {0.5, 0.95, 0.99};
    double[] z = {0, 1.6448536269514722, 2.3263478740408408};
    LogSketch whole = new LogSketch(LogSketch.TIMES);
    LogSketch other = new LogSketch(LogSketch.TIMES);
    LogSketch[] parts = new LogSketch[PARTS];
    java.util.Arrays.setAll(parts, i -> new LogSketch(LogSketch.TIMES));
    int covered = 0b1111;
    int look = 50;
    for (int i = 1; i <= values; i++) {
      double value = Runs.lognormal(random, 1_000, SIGMA);
      whole.add(value);
      parts[random.nextInt(PARTS)].add(value);
      other.add(1.3 * Runs.lognormal(random, 1_000, SIGMA));
      if (i == look || i == values) {
        look = (int) (look * 1.1) + 1;
        for (int q = 0; q < levels.length; q++) {
          Interval interval = new QuantileSequence(levels[q], alpha, 1_000, alpha).interval(whole);
          if (!interval.contains(1_000 * Math.exp(SIGMA * z[q]))) {
            covered &= ~(1 << q);
          }
        }
        if (!QuantileSequence.ratio(other, whole, 0.95, alpha, 1_000).contains(1.3)) {
          covered &= ~(1 << 3);
        }
      }
    }
    LogSketch merged = parts[0];
    for (int i = 1; i < PARTS; i++) {
      merged = parts[i].merge(merged);
    }
    return covered | (merged.equals(whole) ? 0 : 1 << 4);
  }
}
