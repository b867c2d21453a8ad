package io.serin.statistics.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MannWhitneyTest {
  @Test
  void shouldAgreeWithScipy() {
    // scipy.stats.mannwhitneyu(a, b, method="asymptotic")
    assertThat(
            MannWhitney.pValue(new double[] {1, 2, 3, 4, 5, 6}, new double[] {4, 5, 6, 7, 8, 9, 9}))
        .isCloseTo(0.021540306163080523, within(1e-9));
    assertThat(MannWhitney.pValue(new double[] {1, 1, 1}, new double[] {1, 1, 1})).isEqualTo(1);
  }
}
