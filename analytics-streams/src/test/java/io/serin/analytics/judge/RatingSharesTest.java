package io.serin.analytics.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RatingSharesTest {
  @Test
  void shouldBoundADifferenceWhenOneArmRatesMore() {
    // Of 1,000 units each: 120 rate and 60 are dissatisfied, of control 100 and 50.
    RatingShares shares = shares(120, 60, 100, 50);

    assertThat(shares.least())
        .as("the 20 more were dissatisfied anyway")
        .isEqualTo(-0.1, within(1e-9));
    assertThat(shares.most()).as("the 20 more are content").isEqualTo(0.1, within(1e-9));
    assertThat(shares.text()).contains("12.00 % of its units rate, 10.00 % of control's");
  }

  @Test
  void shouldBoundADifferenceWhenOneArmRatesLess() {
    RatingShares shares = shares(80, 50, 100, 50);

    assertThat(shares.least()).as("the silent are content").isEqualTo(0, within(1e-9));
    assertThat(shares.most()).as("the silent are dissatisfied").isEqualTo(0.2, within(1e-9));
  }

  @Test
  void shouldLeaveNothingOpenWhenBothRateEquallyOften() {
    RatingShares shares = shares(100, 60, 100, 50);

    assertThat(shares.least()).isEqualTo(shares.most(), within(1e-9));
    assertThat(shares.difference()).isEqualTo(0.01, within(1e-9));
  }

  private static RatingShares shares(long rate, long down, long controlRate, long controlDown) {
    return RatingShares.of(
        new Finding.Arms(1_000, 1_000),
        new Finding.Arms(rate, controlRate),
        new Finding.Arms(down, controlDown));
  }
}
