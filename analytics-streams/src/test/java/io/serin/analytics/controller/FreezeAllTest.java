package io.serin.analytics.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.rollout.assignment.Split;
import io.serin.schemas.ActionKind;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A file that is applied while all rollouts are frozen. */
class FreezeAllTest {
  private static final String FILE =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      shadow: {sample: 1.0}
      stages:
        - {weight: 5%, for: 1h, until: time}
        - {weight: 25%, for: 1h, until: time}
      """;

  private final PolicyHarness scene = new PolicyHarness();

  private void assertServesControlAlone() {
    assertThat(scene.phase()).isEqualTo(RolloutState.PAUSED);
    assertThat(scene.newest().split().weight("control")).isEqualTo(Split.SLOTS);
    assertThat(scene.newest().shadow()).as("no shadow traffic either").isNull();
  }

  @Test
  void shouldStartPausedWithAllUnitsOnControl() {
    scene.applyFrozen("run-1", FILE, "freeze-all-7");

    assertServesControlAlone();
    assertThat(scene.newest().causeId()).as("unfreeze-all finds it by").isEqualTo("freeze-all-7");
    assertThat(scene.told(EventKind.PAUSED).text()).contains("all rollouts are frozen");
    scene.obey("router-1");
    scene.pass(Duration.ofHours(5));
    assertServesControlAlone();
  }

  @Test
  void shouldBeginItsFirstStageWhenResumed() {
    scene.applyFrozen("run-1", FILE, "freeze-all-7");
    scene.obey("router-1");
    scene.pass(Duration.ofMinutes(10));

    scene.ask(ActionKind.RESUME);

    assertThat(scene.phase()).isEqualTo(RolloutState.RUNNING);
    assertThat(scene.newest().stage()).isZero();
    assertThat(scene.newest().split().weight("candidate")).isEqualTo(500);
  }

  @Test
  void shouldBeginItsFirstStageWhenPromotedByHand() {
    scene.applyFrozen("run-1", FILE, "freeze-all-7");
    scene.obey("router-1");

    scene.ask(ActionKind.PROMOTE);

    assertThat(scene.newest().stage()).isZero();
    assertThat(scene.newest().split().weight("candidate")).isEqualTo(500);
  }

  @Test
  void shouldEndByHandWhileItWaits() {
    scene.applyFrozen("run-1", FILE, "freeze-all-7");

    scene.ask(ActionKind.ABORT);

    assertThat(scene.phase()).isEqualTo(RolloutState.ABORTED);
  }

  @Test
  void shouldWaitOnAfterTheStateIsLost() {
    scene.applyFrozen("run-1", FILE, "freeze-all-7");
    Output.Command last = scene.newest();
    PolicyHarness reset = new PolicyHarness();
    reset.step(
        new Input.FoundCommand(
            reset.now(),
            last.revision(),
            last.run(),
            last.phase(),
            0,
            last.split(),
            last.at(),
            last.causeId()));
    reset.applyFrozen("run-1", FILE, "freeze-all-7");
    reset.obey("router-1");

    reset.pass(Duration.ofSeconds(2));

    assertThat(reset.phase()).isEqualTo(RolloutState.PAUSED);
    reset.ask(ActionKind.RESUME);
    assertThat(reset.newest().split().weight("candidate")).isEqualTo(500);
  }
}
