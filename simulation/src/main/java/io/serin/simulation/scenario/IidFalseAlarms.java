package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Rivals;
import io.serin.simulation.Runs;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Two equal arms, looked at after every request: how often a guard fires falsely, at several
 * levels, beside the rivals.
 *
 * @param requests looks of one run
 * @param share ρ of the candidate
 * @param errors error rate of both arms
 */
public record IidFalseAlarms(int requests, double share, double errors) implements Scenario {
  private static final int PER_WINDOW = 50;

  public IidFalseAlarms() {
    this(10_000, 0.25, 0.02);
  }

  @Override
  public String name() {
    return "aa";
  }

  @Override
  public String question() {
    return "equal arms, " + requests + " looks: false alarms at most α, and above 0";
  }

  @Override
  public int fullRuns() {
    return 4_000;
  }

  @Override
  public int quickRuns() {
    return 150;
  }

  @Override
  public Report run(long seed, int runs) {
    double[][] largest = new double[4][];
    largest[0] = Runs.of(seed, runs, r -> events(r, EventLabelDesign.worse()));
    largest[1] = Runs.of(seed + 1, runs, r -> events(r, EventLabelDesign.different()));
    largest[2] = Runs.of(seed + 2, runs, r -> exceedance(r, 0.5));
    largest[3] = Runs.of(seed + 3, runs, r -> exceedance(r, 0.05));
    String[] guards = {
      "event labels, worse", "event labels, different", "exceedance p50", "exceedance p95"
    };
    List<Figure> figures = new ArrayList<>();
    for (double alpha : new double[] {0.01, 0.05, 0.2}) {
      for (int g = 0; g < guards.length; g++) {
        long hits = count(largest[g], -Math.log(alpha));
        String name = guards[g] + ", α = " + alpha;
        // At .01 a short series may see none.
        figures.add(
            alpha < 0.05
                ? Figure.atMost(name, hits, runs, alpha)
                : Figure.aboveZeroAtMost(name, hits, runs, alpha));
      }
    }
    int rivals = Math.max(100, runs / 10);
    figures.add(Figure.share("naive z at every request", rival(seed, rivals, 0), rivals));
    figures.add(
        Figure.share(
            "threshold 99 %, 100 requests a check, errors 0.5 %", rival(seed, rivals, 1), rivals));
    figures.add(Figure.share("Mann–Whitney every 500 requests", rival(seed, rivals, 2), rivals));
    return new Report(name(), question(), seed, runs, figures);
  }

  private static long count(double[] largest, double threshold) {
    long hits = 0;
    for (double value : largest) {
      if (value >= threshold) {
        hits++;
      }
    }
    return hits;
  }

  private double events(SplittableRandom random, EventLabelDesign design) {
    EventLabelProcess process = new EventLabelProcess(design);
    Stratum stratum = new Stratum("all", share);
    double largest = 0;
    for (int i = 0; i < requests; i++) {
      if (random.nextDouble() < errors) {
        process.add(i / PER_WINDOW, stratum, random.nextDouble() < share);
        largest = Math.max(largest, process.logE());
      }
    }
    return largest;
  }

  private double exceedance(SplittableRandom random, double rate) {
    ExceedanceProcess process = new ExceedanceProcess(ExceedanceDesign.slower());
    Stratum stratum = new Stratum("all", share);
    double largest = 0;
    for (int i = 0; i < requests; i++) {
      process.add(
          i / PER_WINDOW, 0, stratum, random.nextDouble() < share, random.nextDouble() < rate);
      largest = Math.max(largest, process.logE());
    }
    return largest;
  }

  private long rival(long seed, int runs, int which) {
    return Runs.hits(
        Runs.of(
            seed,
            runs,
            random -> {
              Rivals.NaiveZ z = new Rivals.NaiveZ();
              Rivals.ThresholdGate gate = new Rivals.ThresholdGate(100, 0.99, 5);
              Rivals.RepeatedMannWhitney ranks = new Rivals.RepeatedMannWhitney(500, requests);
              for (int i = 0; i < requests; i++) {
                boolean candidate = random.nextDouble() < share;
                // The gate allows 1 %: a fair trial of it has fewer errors than that.
                boolean error = random.nextDouble() < (which == 1 ? 0.005 : errors);
                switch (which) {
                  case 0 -> z.add(candidate, error);
                  case 1 -> gate.add(candidate, error);
                  case 2 -> ranks.add(candidate, random.nextGaussian());
                  default -> throw new IllegalArgumentException("rival " + which);
                }
              }
              return z.fired() || gate.fired() || ranks.fired() ? 1 : 0;
            }));
  }
}
