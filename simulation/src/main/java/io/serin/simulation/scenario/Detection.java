package io.serin.simulation.scenario;

import io.serin.simulation.DetectionTimes;
import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.statistics.design.DetectionLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Mean requests until a rise of the error rate is found, divided by the fewest any test of the same
 * level can need. The guard is {@link io.serin.statistics.sequential.RateProcess}, as it ships,
 * restarts on.
 *
 * @param alpha level
 */
public record Detection(double alpha) implements Scenario {
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
            Runs.of(
                seed,
                runs,
                r ->
                    DetectionTimes.shipped(
                        r, share, c[0], c[1], 0, -Math.log(alpha), Double.POSITIVE_INFINITY));
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
}
