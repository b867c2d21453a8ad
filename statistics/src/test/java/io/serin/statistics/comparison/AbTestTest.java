package io.serin.statistics.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.serin.statistics.comparison.AbTest.Decision;
import io.serin.statistics.comparison.StratifiedEffect.Stage;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AbTestTest {
  @Test
  void shouldDecideByThePrimaryAlone() {
    AbTest test = new AbTest("feedback", 0.05, 2_000);
    AbTest.Look look =
        test.look(
            Map.of(
                "feedback",
                List.of(stage(1_000, 0.5, 0.5)),
                "errors",
                List.of(stage(1_000, 0.4, 0.1))));
    assertThat(look.decision()).isEqualTo(Decision.CONTINUE);
    assertThat(look.readings().getFirst().metric()).isEqualTo("feedback");
    assertThat(look.readings().get(1).adjusted()).isLessThan(0.001);
    assertThat(test.look(Map.of("feedback", List.of(stage(2_000, 0.5, 0.5)))).decision())
        .isEqualTo(Decision.UNDECIDED);
    assertThat(
            new AbTest("errors", 0.05, 2_000)
                .look(Map.of("errors", List.of(stage(1_000, 0.4, 0.1))))
                .decision())
        .isEqualTo(Decision.HIGHER);
  }

  @Test
  void shouldNeverRaiseAPValueAgainAndTakeUpItsState() {
    AbTest test = new AbTest("m", 0.05, 1_000);
    test.look(Map.of("m", List.of(stage(500, 0.6, 0.5))));
    double early =
        test.look(Map.of("m", List.of(stage(500, 0.6, 0.5)))).readings().getFirst().pValue();
    AbTest again = new AbTest("m", 0.05, 1_000);
    again.restore(test.state());
    assertThat(
            again.look(Map.of("m", List.of(stage(600, 0.5, 0.5)))).readings().getFirst().pValue())
        .isEqualTo(early);
    assertThat(early).isLessThan(1);
  }

  @Test
  void shouldCombineStagesWhereARampMisleads() {
    UnitSums t1 = new UnitSums(10_000, 230, 10_000, 230, 10_000, 230);
    UnitSums c1 = new UnitSums(990_000, 20_000, 990_000, 20_000, 990_000, 20_000);
    UnitSums t2 = new UnitSums(500_000, 6_000, 500_000, 6_000, 500_000, 6_000);
    UnitSums c2 = new UnitSums(500_000, 5_000, 500_000, 5_000, 500_000, 5_000);
    StratifiedEffect effect = StratifiedEffect.of(List.of(new Stage(t1, c1), new Stage(t2, c2)));
    assertThat(effect.estimate()).isPositive();
    assertThat(effect.interval(0.05).low()).isPositive();
    AbTest.Reading reading =
        new AbTest("errors", 0.05, 500_000)
            .look(Map.of("errors", List.of(new Stage(t1, c1), new Stage(t2, c2))))
            .readings()
            .getFirst();
    assertThat(reading.tables().oddsRatio()).isCloseTo(1.198, within(0.001));
  }

  @Test
  void shouldUpdateTheSumsOfAUnitThatReturns() {
    UnitSums returned = UnitSums.NONE.plus(1, 4).again(1, 4, 2, 3).plus(0, 1);
    assertThat(returned).isEqualTo(UnitSums.NONE.plus(3, 7).plus(0, 1));
    assertThat(returned.merge(UnitSums.NONE)).isEqualTo(returned);
  }

  @Test
  void shouldSeeTheCostOfUnitsWhoseRequestsAreAlike() {
    SplittableRandom random = new SplittableRandom(1);
    UnitSums alike = UnitSums.NONE;
    UnitSums independent = UnitSums.NONE;
    for (int i = 0; i < 5_000; i++) {
      alike = alike.plus(random.nextBoolean() ? 10 : 0, 10);
      int sum = 0;
      for (int k = 0; k < 10; k++) {
        sum += random.nextInt(2);
      }
      independent = independent.plus(sum, 10);
    }
    assertThat(alike.intraclassCorrelation()).isCloseTo(1, within(0.02));
    assertThat(alike.effectiveSize()).isCloseTo(5_000, within(100.0));
    assertThat(independent.intraclassCorrelation()).isCloseTo(0, within(0.02));
  }

  @Test
  void shouldNotTakeAnArmWithoutEventsForCertain() {
    Stage quiet =
        new Stage(new UnitSums(200, 0, 200, 0, 200, 0), new UnitSums(200, 3, 200, 3, 200, 3));
    StratifiedEffect effect = StratifiedEffect.of(List.of(quiet));
    assertThat(effect.standardError()).isGreaterThan(0.005);
    assertThat(effect.interval(0.05).contains(0)).isTrue();
  }

  /** Few events in an arm of 5 %; {@code -Dserin.simulation.runs} for the long form. */
  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.002})
  void shouldNotDecideBetweenIdenticalArmsWhereEventsAreFew(double rate) {
    int runs = Integer.getInteger("serin.simulation.runs", 300);
    SplittableRandom random = new SplittableRandom(7);
    long planned = (long) (40 / rate);
    int lower = 0;
    int higher = 0;
    for (int run = 0; run < runs; run++) {
      AbTest test = new AbTest("errors", 0.05, planned);
      long[] candidate = new long[2];
      long[] control = new long[2];
      Decision decision = Decision.CONTINUE;
      while (decision == Decision.CONTINUE) {
        for (int i = 0; i < 200; i++) {
          long[] arm = random.nextDouble() < 0.05 ? candidate : control;
          arm[0]++;
          arm[1] += random.nextDouble() < rate ? 1 : 0;
        }
        decision = test.look(Map.of("errors", List.of(stage(candidate, control)))).decision();
      }
      lower += decision == Decision.LOWER ? 1 : 0;
      higher += decision == Decision.HIGHER ? 1 : 0;
    }
    System.out.printf(
        "A/B on errors of %.1f %%, share 5 %%, level .05: better %.3f, worse %.3f of %d%n",
        100 * rate, (double) lower / runs, (double) higher / runs, runs);
    assertThat((lower + higher) / (double) runs)
        .isLessThanOrEqualTo(0.05 + 2 * Math.sqrt(0.05 * 0.95 / runs));
  }

  private static Stage stage(long[] candidate, long[] control) {
    return new Stage(sums(candidate), sums(control));
  }

  private static UnitSums sums(long[] arm) {
    return new UnitSums(arm[0], arm[1], arm[0], arm[1], arm[0], arm[1]);
  }

  @Test
  void shouldRefuseAnUnknownPrimary() {
    assertThatThrownBy(() -> new AbTest("m", 0.05, 10).look(Map.of()))
        .hasMessageContaining("m is not among");
  }

  @Test
  void shouldCompareRatiosOfPairsByUnit() {
    SplittableRandom random = new SplittableRandom(3);
    PairedDifference pairs = PairedDifference.NONE;
    for (int i = 0; i < 400; i++) {
      double other = 100 * Math.exp(random.nextGaussian());
      pairs = pairs.plus(1.3 * other * Math.exp(0.3 * random.nextGaussian()), other);
    }
    assertThat(pairs.ratio()).isCloseTo(1.3, within(0.1));
    assertThat(pairs.interval(0.05).contains(1.3)).isTrue();
    assertThat(pairs.logE(1, 0.05, 400)).isGreaterThan(Math.log(20));
    assertThat(pairs.logE(1.3, 0.05, 400)).isLessThan(Math.log(20));
  }

  private static Stage stage(long units, double candidate, double control) {
    return new Stage(arm(units, candidate), arm(units, control));
  }

  private static UnitSums arm(long units, double rate) {
    double events = units * rate;
    return new UnitSums(units, events, units, events, units, events);
  }
}
