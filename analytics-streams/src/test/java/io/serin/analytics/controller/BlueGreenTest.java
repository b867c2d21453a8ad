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

class BlueGreenTest {
  private static final String FILE =
      """
      rollout: assistant
      strategy: blue-green
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      stages: [{shadow: true, for: 1m, until: time}, {weight: 100%, bake: 2m}]
      guards: [{metric: error.rate, worseBy: 0, then: rollback, notWorse: 10pp}]
      """;

  private final PolicyHarness serin = new PolicyHarness();
  private final SplittableRandom random = new SplittableRandom(2);

  @Test
  void shouldValidateOfflineThenFlipAtOnceAndKeepTheOldOneWarm() {
    begin();
    assertThat(serin.newest().split()).isEqualTo(Split.all("control"));
    assertThat(serin.newest().shadow()).isNotNull();

    serin.pass(Duration.ofSeconds(61));
    assertThat(serin.newest().split().weights())
        .as("5 % stay on control while it bakes")
        .isEqualTo(Map.of("candidate", 9_500, "control", 500));

    serin.traffic(random, 20_000, Duration.ofMillis(50), Map.of());
    assertThat(serin.phase()).as(serin.standing().text()).isEqualTo(RolloutState.PROMOTED);
    assertThat(serin.newest().split()).isEqualTo(Split.all("candidate"));
    assertThat(serin.newest().file().variants()).as("control stays reachable").hasSize(2);
  }

  @Test
  void shouldFlipBackInOneCommand() {
    begin();
    serin.pass(Duration.ofSeconds(61));
    serin.traffic(random, 20_000, Duration.ofMillis(50), Map.of());

    serin.ask(ActionKind.ROLLBACK);
    serin.pass(Duration.ofSeconds(1));

    assertThat(serin.newest().split()).isEqualTo(Split.all("control"));
    assertThat(serin.told(EventKind.ROLLBACK_CONFIRMED).details())
        .containsEntry("routers", "r1,r2");
  }

  @Test
  void shouldNotFlipWhereNoRouterCouldFollow() {
    serin.apply("run-1", FILE);
    serin.pass(Duration.ofMinutes(3));

    assertThat(serin.newest().stage()).isZero();
    assertThat(serin.told(EventKind.HELD).text()).contains("no router was heard");

    serin.obey("r1");
    serin.pass(Duration.ofSeconds(11));
    assertThat(serin.newest().stage()).isEqualTo(1);
  }

  @Test
  void shouldRollBackAFlipThatFails() {
    begin();
    serin.pass(Duration.ofSeconds(61));
    serin.traffic(random, 20_000, Duration.ofMillis(50), Map.of("candidate", 0.3));

    assertThat(serin.phase()).isEqualTo(RolloutState.ROLLED_BACK);
  }

  private void begin() {
    serin.apply("run-1", FILE);
    serin.obey("r1", "r2");
  }
}
