package io.serin.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuardsTest {
  @Test
  void shouldGiveTheLabelProbabilityOfAUnitSeenAsControlBeforeARamp() {
    LabelProbability label = new LabelProbability(2_500 - 500, 10_000 - 2_500);
    assertThat(label.value()).isCloseTo((0.25 - 0.05) / 0.95, within(1e-12));
    assertThat(label.informative()).isTrue();
  }

  @Test
  void shouldSkipAUnitSeenAsCandidateBeforeAGrowth() {
    LabelProbability label = new LabelProbability(500, 0);
    assertThat(label.value()).isEqualTo(1);
    assertThat(label.informative()).isFalse();
  }

  @Test
  void shouldConditionOnTheCandidateAndControl() {
    Map<String, Integer> slots = Map.of("control", 6_000, "a", 1_000, "b", 3_000);
    assertThat(LabelProbability.of(slots, "b", "control").value())
        .isCloseTo(1.0 / 3, within(1e-12));
  }

  @Test
  void shouldShareTheErrorRateAndNeverMoreThanAllOfIt() {
    List<String> guards = List.of("latency.p50", "latency.p95", "error.rate", "feedback");
    ErrorBudget budget = ErrorBudget.of(0.01, guards, 2);
    assertThat(budget.weight("error.rate")).isCloseTo(0.4 * 0.9 / 2, within(1e-12));
    assertThat(budget.weight("feedback")).isCloseTo(0.2 * 0.9 / 2, within(1e-12));
    double sum =
        guards.stream().mapToDouble(budget::weight).sum() * 2 * budget.alpha() + budget.breaker();
    assertThat(sum).isCloseTo(0.01, within(1e-12));
    assertThat(budget.threshold("error.rate"))
        .isCloseTo(Math.log(1 / (0.01 * 0.18)), within(1e-12));
    assertThatThrownBy(() -> budget.weight("tokens")).hasMessageContaining("tokens");
  }

  @Test
  void shouldPromoteByTheInverseProbabilityBet() {
    PromotionGate gate = new PromotionGate(0.01);
    Stratum five = new Stratum("5%", 0.05);
    gate.add(five, 12, 240, 25_000);
    double sum = 0;
    for (double f : EventLabelDesign.logSpaced(0.01, 0.95, 12)) {
      double lambda = f / (1 / 0.05 - 0.01);
      sum +=
          Math.exp(
                  12 * Math.log(1 - lambda * (20 - 0.01))
                      + 240 * Math.log(1 + lambda * (1 / 0.95 + 0.01))
                      + (25_000 - 252) * Math.log(1 + lambda * 0.01))
              / 12;
    }
    assertThat(gate.logE()).isCloseTo(Math.log(sum), within(1e-9));
    assertThat(gate.merge(new PromotionGate(0.01)).logE()).isEqualTo(gate.logE());
  }

  @Test
  void shouldFindABrokenSplitAndMultiplyOverClasses() {
    SampleRatio ratio = new SampleRatio();
    ratio.add("new", List.of(0.05, 0.95), 0, 5_300);
    ratio.add("new", List.of(0.05, 0.95), 1, 94_700);
    double one = ratio.logE();
    assertThat(one).isGreaterThan(3);
    ratio.add("seen", List.of(0.2, 0.8), 0, 200);
    ratio.add("seen", List.of(0.2, 0.8), 1, 800);
    assertThat(ratio.logE()).isLessThan(one);
  }

  @Test
  void shouldMixTwoConcentrationsSoThatAGrossFaultIsSeenEarly() {
    double[] shares = {0.05, 0.95};
    long[] gross = {150, 850};
    double coarse = SampleRatio.logE(gross, shares, SampleRatio.CONCENTRATION);
    double close = SampleRatio.logE(gross, shares, SampleRatio.CLOSE);
    assertThat(SampleRatio.logE(gross, shares))
        .isCloseTo(Math.log(0.1 * Math.exp(coarse) + 0.9 * Math.exp(close)), within(1e-9))
        .isGreaterThan(Math.log(1_000));
  }

  @Test
  void shouldTurnAMarginInPointsIntoARatio() {
    assertThat(Stratum.marginOfPoints(0.01, 0.005)).isCloseTo(1.5, within(1e-12));
    assertThat(Stratum.marginOfPoints(0, 0.005)).isCloseTo(6, within(1e-12));
  }
}
