package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.statistics.design.DetectionLimit;
import io.serin.statistics.sequential.RateProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Mean requests until a rise of the error rate is found, divided by the fewest any test of the same
 * level can need. The guard is {@link io.serin.statistics.sequential.RateProcess}, as it ships,
 * restarts on.
 *
 * @param alpha level
 */
public record Detection(double alpha) implements Scenario {
  private static final int PER_WINDOW = 100;
  private static final int FEWEST_EVENTS = 3;

  public Detection() {
    this(0.01);
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
        double[] requests =
            Runs.of(seed, runs, r -> requests(r, share, c[0], c[1], -Math.log(alpha)));
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

  /**
   * Requests until the guard as it ships fires, one request a unit: between two events lies a
   * geometric number of requests without. Simulated, since the overshoot and the price of the
   * mixtures have no simple formula.
   *
   * @param share ρ of the candidate, in (0, 1)
   * @param control p₀ in (0, 1)
   * @param candidate p₁ in (p₀, 1)
   * @param threshold ln(1/(α·w))
   */
  static double requests(
      SplittableRandom random, double share, double control, double candidate, double threshold) {
    RateProcess process = new RateProcess();
    Stratum stratum = new Stratum("all", share);
    double pooled = share * candidate + (1 - share) * control;
    double label = share * candidate / pooled;
    double quietLabel = share * (1 - candidate) / (1 - pooled);
    double logQuiet = Math.log1p(-pooled);
    long requests = 0;
    while (true) {
      long event = requests + 1 + (long) (Math.log1p(-random.nextDouble()) / logQuiet);
      while (requests + 1 < event) {
        long window = requests / PER_WINDOW;
        long until = Math.min(event - 1, (window + 1) * PER_WINDOW);
        long ofCandidate = 0;
        for (long i = requests; i < until; i++) {
          ofCandidate += random.nextDouble() < quietLabel ? 1 : 0;
        }
        process.quiet(window, stratum, ofCandidate, until - requests - ofCandidate);
        requests = until;
      }
      process.event(requests / PER_WINDOW, stratum, random.nextDouble() < label);
      requests = event;
      if (process.logE() >= threshold
          && process.candidateEvents() >= FEWEST_EVENTS
          && process.candidateEvents() * (1 - share) >= process.controlEvents() * share) {
        return requests;
      }
    }
  }
}
