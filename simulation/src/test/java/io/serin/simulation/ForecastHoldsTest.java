package io.serin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.statistics.design.BetGrowth;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is forecast in one formula, beside the guard as it ships. */
class ForecastHoldsTest {
  private static final double THRESHOLD = 5.73;
  private static final int RUNS = 400;

  @ParameterizedTest
  @CsvSource({"0.05,0.01,0.03", "0.25,0.01,0.03", "0.5,0.01,0.03", "0.25,0.05,0.1"})
  void shouldForeseeByWhenNineOfTenRunsHaveFoundWorseErrors(
      double share, double control, double candidate) {
    DetectionTimes times = DetectionTimes.rate(share, control, candidate, 1, 0, THRESHOLD, 1, RUNS);
    BetGrowth growth = BetGrowth.exceedance(share, control, candidate);

    assertThat(growth.requests(THRESHOLD, 0.9) / times.quantile(0.9)).isBetween(0.9, 1.25);
    assertThat(growth.requests(THRESHOLD, 0.5) / times.quantile(0.5)).isBetween(0.9, 1.2);
  }

  @ParameterizedTest
  @CsvSource({"0.05,0.05,0.15", "0.25,0.05,0.15", "0.5,0.5,0.6"})
  void shouldForeseeTheBetWithBothOutcomes(double share, double control, double candidate) {
    DetectionTimes times = DetectionTimes.outcome(share, control, candidate, THRESHOLD, 1, RUNS);
    BetGrowth growth = BetGrowth.exceedance(share, control, candidate);

    assertThat(growth.requests(THRESHOLD, 0.9) / times.quantile(0.9)).isBetween(0.85, 1.25);
  }
}
