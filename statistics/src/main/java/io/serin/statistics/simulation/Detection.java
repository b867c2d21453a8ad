package io.serin.statistics.simulation;

import io.serin.statistics.design.DetectionLimit;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Mean requests until a rise of the error rate is found, divided by the fewest any test of the same
 * level can need. Restarts are on.
 *
 * @param alpha level
 * @param design what the guard bets on
 */
public record Detection(double alpha, EventLabelDesign design) implements Scenario {
  private static final double PER_WINDOW = 100;

  public Detection() {
    this(0.01, EventLabelDesign.worse());
  }

  @Override
  public String name() {
    return "detection";
  }

  @Override
  public String question() {
    return "mean requests to detection over the limit ln(1/α)/g: at most 1.6 for r ≥ 2, 1.7 below";
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
    double[][] rates = {
      {0.01, 0.0125}, {0.01, 0.015}, {0.01, 0.02}, {0.01, 0.03}, {0.01, 0.1}, {0.05, 0.1}
    };
    List<Figure> figures = new ArrayList<>();
    for (double share : new double[] {0.05, 0.25, 0.5}) {
      for (double[] c : rates) {
        double limit = DetectionLimit.rate(share, c[0], c[1], alpha);
        // A small rise takes long: fewer runs tell as much.
        int own = c[1] / c[0] < 2 ? Math.max(50, runs / 4) : runs;
        double[] requests = Runs.of(seed, own, r -> requests(r, share, c[0], c[1]));
        String name =
            String.format(
                Locale.ROOT,
                "%.2f %% → %.2f %%, share %.0f %%, limit %.0f",
                100 * c[0],
                100 * c[1],
                100 * share,
                limit);
        figures.add(Figure.mean(name, requests, limit, c[1] / c[0] >= 2 ? 1.6 : 1.7));
      }
    }
    return new Report(name(), question(), seed, runs, figures);
  }

  private double requests(SplittableRandom random, double share, double control, double candidate) {
    EventLabelProcess process = new EventLabelProcess(design);
    Stratum stratum = new Stratum("all", share);
    double pooled = share * candidate + (1 - share) * control;
    double label = share * candidate / pooled;
    double logQuiet = Math.log1p(-pooled);
    double threshold = -Math.log(alpha);
    long requests = 0;
    while (true) {
      requests += 1 + (long) (Math.log1p(-random.nextDouble()) / logQuiet);
      process.add((long) (requests / PER_WINDOW), stratum, random.nextDouble() < label);
      if (process.logE() >= threshold) {
        return requests;
      }
    }
  }
}
