package io.serin.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.simulation.Runs;
import io.serin.statistics.design.BetGrowth;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is forecast in one formula, beside the guard as it ships. */
class ForecastHoldsTest {
  private static final double THRESHOLD = 5.73;
  private static final int RUNS = 400;
  private static final int PER_WINDOW = 100;

  @ParameterizedTest
  @CsvSource({"0.05,0.01,0.03", "0.25,0.01,0.03", "0.5,0.01,0.03", "0.25,0.05,0.1"})
  void shouldForeseeByWhenNineOfTenRunsHaveFoundWorseErrors(
      double share, double control, double candidate) {
    double[] times = times(r -> Detection.requests(r, share, control, candidate, THRESHOLD));
    BetGrowth growth = BetGrowth.exceedance(share, control, candidate);

    assertThat(growth.requests(THRESHOLD, 0.9) / quantile(times, 0.9)).isBetween(0.9, 1.25);
    assertThat(growth.requests(THRESHOLD, 0.5) / quantile(times, 0.5)).isBetween(0.9, 1.2);
  }

  @ParameterizedTest
  @CsvSource({"0.05,0.05,0.15", "0.25,0.05,0.15", "0.5,0.5,0.6"})
  void shouldForeseeTheBetWithBothOutcomes(double share, double control, double candidate) {
    double[] times = times(r -> bothOutcomes(r, share, control, candidate));
    BetGrowth growth = BetGrowth.exceedance(share, control, candidate);

    assertThat(growth.requests(THRESHOLD, 0.9) / quantile(times, 0.9)).isBetween(0.85, 1.25);
  }

  private static double[] times(ToDoubleFunction<SplittableRandom> run) {
    double[] times = Runs.of(1, RUNS, run);
    Arrays.sort(times);
    return times;
  }

  private static double quantile(double[] sorted, double p) {
    return sorted[(int) Math.ceil(p * sorted.length) - 1];
  }

  private static double bothOutcomes(
      SplittableRandom random, double share, double control, double candidate) {
    ExceedanceProcess process = new ExceedanceProcess(ExceedanceDesign.slower());
    Stratum stratum = new Stratum("all", share);
    for (long i = 1; ; i++) {
      boolean arm = random.nextDouble() < share;
      process.add(
          i / PER_WINDOW, 0, stratum, arm, random.nextDouble() < (arm ? candidate : control));
      if (process.logE() >= THRESHOLD) {
        return i;
      }
    }
  }
}
