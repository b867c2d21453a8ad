package io.serin.analytics.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.rollout.assignment.Split;
import io.serin.schemas.ActionKind;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Several candidates: each is judged against control, and taken out for itself. */
class CandidatesTest {
  private static final String FILE =
      """
      rollout: assistant
      variants:
        control: {url: http://localhost:8101/v1}
        good:    {url: http://localhost:8102/v1}
        bad:     {url: http://localhost:8103/v1}
      stages:
        - {weight: {good: 20%, bad: 20%}, for: 10m, until: time}
        - {weight: {good: 40%, bad: 40%}, for: 10m, until: time}
        - {weight: {good: 100%}, bake: 10m}
      """;

  private final PolicyHarness serin = new PolicyHarness();
  private final SplittableRandom random = new SplittableRandom(3);

  @Test
  void shouldTakeOutOnlyTheCandidateWhoseGuardFires() {
    begin();
    Split before = serin.newest().split();

    serin.traffic(random, 1_500, Duration.ofMillis(50), Map.of("bad", 0.3));

    assertThat(serin.phase()).isEqualTo(RolloutState.RUNNING);
    assertThat(serin.status().removed()).containsExactly("bad");
    assertThat(serin.newest().split().weights()).isEqualTo(Map.of("control", 8_000, "good", 2_000));
    assertThat(serin.newest().split().slots("good"))
        .as("nobody else moves")
        .isEqualTo(before.slots("good"));
    assertThat(serin.told(EventKind.ROLLED_BACK).text())
        .contains("Units of bad go to control; good continues");
    assertThat(serin.told(EventKind.ROLLBACK_CONFIRMED).text()).contains("without bad");
  }

  @Test
  void shouldNeverServeAgainWhatWasTakenOut() {
    begin();
    serin.traffic(random, 15_000, Duration.ofMillis(50), Map.of("bad", 0.3));

    assertThat(serin.newest().stage()).as("the ramp goes on").isPositive();
    long out = serin.told(EventKind.ROLLED_BACK).revision();
    assertThat(serin.orders)
        .filteredOn(order -> order.revision() >= out)
        .allMatch(order -> order.split().weight("bad") == 0);
  }

  @Test
  void shouldEndWhenTheLastCandidateIsTakenOut() {
    begin();

    serin.traffic(random, 6_000, Duration.ofMillis(50), Map.of("bad", 0.3, "good", 0.3));

    assertThat(serin.phase()).isEqualTo(RolloutState.ROLLED_BACK);
    assertThat(serin.newest().split()).isEqualTo(Split.all("control"));
  }

  @Test
  void shouldTakeOutOnlyTheTrippedCandidate() {
    begin();

    serin.heard("r1", serin.newest().revision(), "bad");
    assertThat(serin.phase()).isEqualTo(RolloutState.FROZEN);
    serin.heard("r2", serin.newest().revision(), "bad");

    assertThat(serin.phase()).isEqualTo(RolloutState.RUNNING);
    assertThat(serin.status().removed()).containsExactly("bad");
    int orders = serin.orders.size();
    serin.heard("r3", serin.newest().revision(), "bad");
    assertThat(serin.orders).as("a trip of what is out is no news").hasSize(orders);
  }

  @Test
  void shouldRollBackAndPromoteTheVariantThatAPersonNames() {
    begin();
    serin.ask(ActionKind.ROLLBACK, "bad");
    assertThat(serin.status().removed()).containsExactly("bad");
    serin.ask(ActionKind.ROLLBACK, "bad");
    assertThat(serin.told(EventKind.ACTION_REFUSED).text()).contains("bad is none of");

    serin.ask(ActionKind.PROMOTE, "good");
    assertThat(serin.newest().stage()).as("not from the first stage").isZero();
    serin.ask(ActionKind.PROMOTE);
    serin.pass(Duration.ofSeconds(1));
    serin.ask(ActionKind.PROMOTE);
    serin.pass(Duration.ofSeconds(1));
    serin.ask(ActionKind.PROMOTE, "good");
    assertThat(serin.newest().split()).isEqualTo(Split.all("good"));
  }

  @Test
  void shouldShareAlphaAmongCandidates() {
    begin();
    serin.pass(Duration.ofSeconds(11));

    double shared =
        serin.judged.stream()
            .filter(verdict -> verdict.finding().guard().notWorse() != null)
            .mapToDouble(verdict -> Math.exp(-verdict.finding().threshold()))
            .sum();
    assertThat(shared)
        .as("αw of all rollback guards, on both candidates")
        .isLessThanOrEqualTo(0.01);
  }

  private void begin() {
    serin.apply("run-1", FILE);
    serin.obey("r1", "r2", "r3");
  }
}
