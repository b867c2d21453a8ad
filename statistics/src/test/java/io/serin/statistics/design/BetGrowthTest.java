package io.serin.statistics.design;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.PromotionGate;
import io.serin.statistics.sequential.Stratum;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BetGrowthTest {
  @Test
  void shouldGrowByTheInformationOfTheLimit() {
    BetGrowth growth = BetGrowth.exceedance(0.25, 0.01, 0.03);
    assertThat(-Math.log(0.01) / growth.mean())
        .isCloseTo(DetectionLimit.rate(0.25, 0.01, 0.03, 0.01), within(1e-6));
  }

  @Test
  void shouldForeseeTheMedianOfDetectionWithinAThird() {
    double threshold = Math.log(100);
    double[] requests = new double[400];
    for (int run = 0; run < requests.length; run++) {
      SplittableRandom random = new SplittableRandom(run);
      EventLabelProcess process = new EventLabelProcess(EventLabelDesign.worse());
      Stratum stratum = new Stratum("25%", 0.25);
      long n = 0;
      while (process.logE() < threshold) {
        n++;
        boolean candidate = random.nextDouble() < 0.25;
        if (random.nextDouble() < (candidate ? 0.03 : 0.01)) {
          process.add(n / 100, stratum, candidate);
        }
      }
      requests[run] = n;
    }
    double foreseen = BetGrowth.exceedance(0.25, 0.01, 0.03).requests(threshold, 0.5);
    assertThat(foreseen / median(requests)).isBetween(0.75, 1.33);
  }

  @Test
  void shouldForeseeWhatTheGateStillNeedsInTheMiddleOfARun() {
    double rate = 0.01;
    double margin = 0.01;
    BetGrowth growth = BetGrowth.gate(0.25, rate, margin);
    double[] ratios = new double[200];
    for (int run = 0; run < ratios.length; run++) {
      SplittableRandom random = new SplittableRandom(1_000 + run);
      PromotionGate gate = new PromotionGate(margin);
      Stratum stratum = new Stratum("25%", 0.25);
      long n = 0;
      double foreseen = 0;
      while (gate.logE() < Math.log(20)) {
        n++;
        gate.add(stratum, random.nextDouble() < 0.25, random.nextDouble() < rate);
        if (n == 2_000) {
          foreseen = growth.remaining(gate.logE(), 2_000, Math.log(20), 0.5);
        }
      }
      ratios[run] = foreseen / Math.max(1, n - 2_000);
    }
    assertThat(median(ratios)).isBetween(0.7, 1.4);
    assertThat(growth.remaining(3.1, 5_000, Math.log(20), 0.5)).isZero();
  }

  @Test
  void shouldExceedAQuantileMoreOftenTheSlowerItIs() {
    assertThat(BetGrowth.exceeding(0.95, 0.7, 1)).isCloseTo(0.05, within(1e-9));
    assertThat(BetGrowth.exceeding(0.5, 0.7, 1.25)).isCloseTo(0.625, within(0.001));
    assertThatThrownBy(() -> BetGrowth.gate(0.25, 0.5, 0.7, 1)).hasMessageContaining("margin");
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
