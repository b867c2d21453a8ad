package io.serin.statistics.design;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PlanningTest {
  @Test
  void shouldGiveTheLimitsThatAreKnown() {
    double[][] table = {
      {0.01, 0.02, 25_129, 6_714, 5_341},
      {0.01, 0.03, 7_560, 2_097, 1_727},
      {0.01, 0.10, 728, 230, 205},
      {0.05, 0.10, 4_758, 1_267, 1_004}
    };
    double[] shares = {0.05, 0.25, 0.5};
    for (double[] row : table) {
      for (int s = 0; s < shares.length; s++) {
        assertThat(DetectionLimit.rate(shares[s], row[0], row[1], 0.01))
            .isCloseTo(row[2 + s], within(0.5));
      }
    }
  }

  @Test
  void shouldKnowTheFactorsOfQuantilesAndThePriceOfLooking() {
    double[][] factors = {{0.5, 1.253}, {0.9, 1.709}, {0.95, 2.113}, {0.99, 3.733}};
    for (double[] f : factors) {
      assertThat(Planning.quantileFactor(f[0])).isCloseTo(f[1], within(0.001));
    }
    assertThat(new Planning(0.05, 0.8, 0.5, 1, 0, 0, true).priceOfLooking())
        .isCloseTo(2.4, within(0.01));
    assertThat(Planning.simple(0.05, 0.8, 0.5).priceOfLooking()).isEqualTo(1);
  }

  @Test
  void shouldMultiplyByTheDesignEffectAndPayForUnequalShares() {
    Planning.Size equal = Planning.simple(0.05, 0.8, 0.5).proportions(0.1, 0.12);
    assertThat(equal.requests() / 2)
        .isCloseTo(
            SampleSize.proportions(0.1, 0.12, 0.05, 0.8, 2, 1, SampleSize.Proportion.UNPOOLED),
            within(1e-6));
    Planning.Size unequal = Planning.simple(0.05, 0.8, 0.05).proportions(0.1, 0.12);
    assertThat(unequal.requests() / equal.requests()).isBetween(5.0, 6.5);
    assertThat(unequal.candidateRequests()).isCloseTo(0.05 * unequal.requests(), within(1e-6));
    Planning users = new Planning(0.05, 0.8, 0.5, 5, 2, 0.1, false);
    assertThat(users.designEffect()).isCloseTo(1 + 24 * 0.1, within(1e-12));
    assertThat(users.proportions(0.1, 0.12).requests())
        .isCloseTo(3.4 * equal.requests(), within(1e-3));
    assertThat(equal.days(1_000)).isCloseTo(equal.requests() / 1_000, within(1e-9));
  }

  @Test
  void shouldNameWhatIsWrongWithAPlan() {
    assertThatThrownBy(() -> Planning.simple(0.05, 0.8, 1))
        .hasMessageContaining("share")
        .hasMessageContaining("1.0");
    assertThatThrownBy(() -> Planning.simple(0.05, 0.8, 0.5).means(0, 1, 1))
        .hasMessageContaining("difference");
  }

  @Test
  void shouldSpendAllOfAlphaAndNoMore() {
    for (Spending spending :
        new Spending[] {
          new Spending.OBrienFleming(),
          new Spending.Pocock(),
          new Spending.PowerFamily(3),
          new Spending.HwangShihDeCani(1)
        }) {
      for (GroupSequential.Sides sides : GroupSequential.Sides.values()) {
        GroupSequential design = GroupSequential.equallySpaced(4, 0.05, spending, sides);
        double crossed =
            Arrays.stream(design.crossing(0)).sum() + Arrays.stream(design.crossingBelow(0)).sum();
        assertThat(crossed).isCloseTo(0.05, within(1e-9));
      }
    }
  }

  @Test
  void shouldExplainColdCachesByTheirShare() {
    double[] rates = new double[300];
    Arrays.setAll(rates, i -> 1.0 / (i + 1));
    double sum = Arrays.stream(rates).sum();
    Arrays.setAll(rates, i -> rates[i] / sum);
    double ttl = ColdCache.ttlFor(rates, 0.95, 0.77);
    assertThat(ColdCache.hitRate(rates, 0.05, ttl)).isCloseTo(0.32, within(0.01));
    assertThat(ColdCache.mayRollBack(ColdCache.against(0.05, 0.95))).isFalse();
    assertThat(ColdCache.mayRollBack(ColdCache.against(0.5, 0.5))).isTrue();
  }
}
