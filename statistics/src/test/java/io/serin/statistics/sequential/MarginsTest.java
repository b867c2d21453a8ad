package io.serin.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.serin.statistics.design.PointMargin;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MarginsTest {
  @Test
  void shouldUseControlsLowerLimitForAMarginInPoints() {
    PointMargin known = new PointMargin(0.005, 200, 20_000, 0.05);
    assertThat(known.controlLowerLimit()).isBetween(0.007, 0.01);
    assertThat(known.relative())
        .isCloseTo(1 + 0.005 / known.controlLowerLimit(), within(1e-12))
        .isGreaterThan(1.5);
    assertThat(new PointMargin(0.005, 0, 0, 0.05).relative()).isCloseTo(6, within(1e-12));
    assertThat(new PointMargin(0, 200, 20_000, 0.05).relative()).isEqualTo(1);
    assertThatThrownBy(() -> new PointMargin(0.005, 3, 2, 0.05))
        .hasMessageContaining("controlEvents");
  }

  @Test
  void shouldNotFireAtExactlyTheMarginInPoints() {
    int runs = 400;
    int fired = 0;
    for (int run = 0; run < runs; run++) {
      SplittableRandom random = new SplittableRandom(run);
      long events = 0;
      for (int i = 0; i < 5_000; i++) {
        events += random.nextDouble() < 0.02 ? 1 : 0;
      }
      double m = new PointMargin(0.01, events, 5_000, 0.01).relative();
      EventLabelProcess process = new EventLabelProcess(EventLabelDesign.worse());
      Stratum stratum = new Stratum("25%", 0.25, m);
      // 3 % against 2 %: an event is the candidate's with probability ρp₁/(ρp₁+(1−ρ)p₀).
      double label = 0.25 * 0.03 / (0.25 * 0.03 + 0.75 * 0.02);
      boolean ever = false;
      for (int i = 0; i < 400 && !ever; i++) {
        process.add(i / 10, stratum, random.nextDouble() < label);
        ever = process.logE() >= Math.log(20);
      }
      fired += ever ? 1 : 0;
    }
    assertThat((double) fired / runs).isLessThan(0.05 + 2 * Math.sqrt(0.05 * 0.95 / runs));
  }

  @Test
  void shouldChooseTheBetByHowCommonTheEventWas() {
    assertThat(EventFrequency.of(3, 10)).isEqualTo(EventFrequency.RARE);
    assertThat(EventFrequency.of(10, 100)).isEqualTo(EventFrequency.RARE);
    assertThat(EventFrequency.of(11, 100)).isEqualTo(EventFrequency.COMMON);
  }
}
