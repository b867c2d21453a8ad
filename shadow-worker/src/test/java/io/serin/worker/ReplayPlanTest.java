package io.serin.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.RolloutState;
import io.serin.schemas.VariantTarget;
import io.serin.worker.ReplayPlan.Replay;
import io.serin.worker.ReplayPlan.Skip;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReplayPlanTest {
  private final CapturedPayload payload = Payloads.payload("r1");
  private final Command command = Payloads.command(1, "http://candidate/v1", "http://control/v1");

  @Test
  void shouldAskTheCandidatesOfThePlan() {
    assertThat(ReplayPlan.of(payload, command))
        .isInstanceOfSatisfying(
            Replay.class,
            plan -> {
              assertThat(plan.candidates())
                  .extracting(VariantTarget::getName)
                  .containsExactly("candidate");
              assertThat(plan.control()).isNull();
            });
  }

  @Test
  void shouldSayWhyNobodyIsAsked() {
    assertThat(ReplayPlan.of(payload, null)).isEqualTo(new Skip(ReplayPlan.UNKNOWN_ROLLOUT));

    command.setRun("run-2");
    assertThat(ReplayPlan.of(payload, command)).isEqualTo(new Skip(ReplayPlan.OTHER_RUN));

    command.setRun("run-1");
    command.setState(RolloutState.ROLLED_BACK);
    assertThat(ReplayPlan.of(payload, command)).isEqualTo(new Skip(ReplayPlan.NO_SHADOW));

    command.setState(RolloutState.RUNNING);
    command.setShadow(null);
    assertThat(ReplayPlan.of(payload, command)).isEqualTo(new Skip(ReplayPlan.NO_SHADOW));
  }

  @Test
  void shouldNotAskACandidateWhatItServedItselfUnlessControlIsAskedBeside() {
    CapturedPayload served = Payloads.payload("r1", it -> it.setServedVariant("candidate"));

    assertThat(ReplayPlan.of(served, command)).isEqualTo(new Skip(ReplayPlan.SERVED_BY_CANDIDATE));
    command.getShadow().setControlReplayBasisPoints(10_000);
    assertThat(ReplayPlan.of(served, command)).isInstanceOf(Replay.class);
  }

  @Test
  void shouldDrawControlForItsShareTheSameWayEachTime() {
    command.getShadow().setControlReplayBasisPoints(2_500);

    long drawn = IntStream.range(0, 4_000).filter(this::withControl).count();

    assertThat(drawn).isBetween(880L, 1_120L);
    assertThat(IntStream.range(0, 4_000).filter(this::withControl).count()).isEqualTo(drawn);
  }

  @Test
  void shouldAskControlTwiceOnTheShareThatMeasuresNoise() {
    command.getShadow().setControlReplayBasisPoints(10_000);
    command.getShadow().setNoiseBasisPoints(2_500);

    long drawn = IntStream.range(0, 4_000).filter(request -> controlAnswers(request) == 2).count();

    assertThat(drawn).isBetween(880L, 1_120L);
    command.getShadow().setAnswers(3);
    assertThat(IntStream.range(0, 100).map(this::controlAnswers)).containsOnly(3);
  }

  @Test
  void shouldReplayOtherRunsAndRolloutsThatAreOverWhereABackfillAsks() {
    ReplayPlan.Scope backfill = new ReplayPlan.Scope(true, null);
    command.setRun("run-2");
    command.setState(RolloutState.ROLLED_BACK);
    command.setShadow(null);

    assertThat(ReplayPlan.of(payload, command, backfill)).isInstanceOf(Replay.class);
    assertThat(ReplayPlan.of(payload, command, new ReplayPlan.Scope(true, "other")))
        .isEqualTo(new Skip(ReplayPlan.NO_SHADOW));
  }

  private int controlAnswers(int request) {
    return ReplayPlan.of(Payloads.payload("r" + request), command) instanceof Replay plan
        ? plan.controlAnswers()
        : 0;
  }

  private boolean withControl(int request) {
    return ReplayPlan.of(Payloads.payload("r" + request), command) instanceof Replay plan
        && plan.control() != null;
  }
}
