package io.serin.rollout.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.statistics.design.BetGrowth;
import java.util.List;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.Test;

class ForecastTest {
  private static final String SHORTEST =
      """
      rollout: assistant
      variants:
        control: {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      """;
  private static final List<DoubleFunction<BetGrowth>> ERRORS =
      List.of(share -> Forecast.notWorseRate(share, 0.01, 0.01));

  @Test
  void shouldTakeTheTenthOfAShadowStageOffTheBudget() throws RolloutFileException {
    RolloutFile with = RolloutFileReader.read(SHORTEST);
    RolloutFile without = RolloutFileReader.read(SHORTEST + "stages: [{weight: 5%, for: 7d}]\n");

    assertThat(Budget.of(with).rollbacks().alpha()).isCloseTo(0.009, within(1e-12));
    assertThat(Budget.of(without).rollbacks().alpha()).isEqualTo(0.01);
    assertThat(Forecast.detection(with, 0.05, 0.01))
        .isGreaterThan(Forecast.detection(without, 0.05, 0.01));
  }

  @Test
  void shouldNeverAnnounceMoreThanTheStagesAndTheGateNeed() throws RolloutFileException {
    RolloutFile file =
        RolloutFileReader.read(
            SHORTEST
                + """
                stages:
                  - {weight: 5%, for: 1d}
                  - {weight: 50%, for: 1d}
                  - {weight: 100%, bake: 1d}
                """);
    double all = Forecast.promotion(file, 0, "candidate", 0.01, ERRORS);
    double later = Forecast.promotion(file, 1, "candidate", 0.01, ERRORS);
    double stages = Forecast.detection(file, 0.05, 0.01) + Forecast.detection(file, 0.5, 0.01);

    assertThat(all).isGreaterThanOrEqualTo(stages);
    assertThat(Forecast.promotion(file, 2, "candidate", 0.01, ERRORS))
        .as("the flip alone makes up for all that the stages before would have shown")
        .isGreaterThan(all - stages);
    assertThat(later).isLessThan(all);
  }

  @Test
  void shouldSayThatNoNumberIsEnoughWhereControlFailsAlways() throws RolloutFileException {
    RolloutFile file = RolloutFileReader.read(SHORTEST);

    assertThat(Forecast.detection(file, 0.05, 1)).isInfinite();
    assertThat(Forecast.detection(file, 0, 0.01)).isInfinite();
    assertThat(Forecast.detection(file, 1, 0.01)).isInfinite();
    assertThat(Forecast.notWorseQuantile(0.5, 0.06, 0.05)).isEqualTo(BetGrowth.NONE);
    assertThat(BetGrowth.NONE.requests(5, 0.9)).isInfinite();
    for (double rate : new double[] {0, 1e-9, 0.5, 1}) {
      assertThat(Forecast.promotion(file, 0, "candidate", rate, ERRORS)).isPositive();
    }
  }

  @Test
  void shouldAskForOneUnitWhereErrorsDoNotRollBack() throws RolloutFileException {
    RolloutFile file = RolloutFileReader.read(SHORTEST + "guards: []\n");
    assertThat(Forecast.detection(file, 0.05, 0.01)).isEqualTo(1);
  }
}
