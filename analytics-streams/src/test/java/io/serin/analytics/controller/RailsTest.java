package io.serin.analytics.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.ActionKind;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RolloutStates;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What must neither stop the controller, freeze a run without a way out, nor pass for evidence. */
class RailsTest {
  private static final String TWO =
      """
      rollout: assistant
      variants:
        control: {url: http://localhost:8101/v1}
        a:       {url: http://localhost:8102/v1}
        b:       {url: http://localhost:8103/v1}
      stages:
        - {weight: {a: 5%}, for: 1m, until: time}
        - {weight: {b: 5%}, for: 1m, until: time}
      """;
  private static final String ONE =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      """;
  private static final String STAGES =
      """
      stages:
        - {weight: 25%, for: 5m, until: time, deadline: 10m}
        - {weight: 50%, for: 5m, until: time}
      """;

  private final PolicyHarness serin = new PolicyHarness();
  private final SplittableRandom random = new SplittableRandom(11);

  @Test
  void shouldRunAgainWhenTheOnlyTrippedCandidateIsTakenOut() {
    serin.apply("run-1", TWO);
    serin.obey("r1", "r2", "r3");
    serin.heard("r1", serin.newest().revision(), "a");
    assertThat(serin.phase()).isEqualTo(RolloutState.FROZEN);

    serin.ask(ActionKind.ROLLBACK, "a");

    assertThat(serin.phase()).isEqualTo(RolloutState.RUNNING);
    serin.pass(Duration.ofMinutes(3));
    assertThat(serin.newest().split().weights()).containsEntry("b", 500).doesNotContainKey("a");
  }

  @Test
  void shouldSayThatATestCannotBePlannedWhenControlFailsAll() {
    for (String primary : List.of("error.rate", "latency", "refusal.rate", "tokens")) {
      PolicyHarness test = new PolicyHarness();
      test.apply("run-" + primary, ab(primary, ""));
      test.obey("r1");

      test.traffic(random, 1_000, Duration.ofMillis(100), Map.of("control", 1.0, "candidate", 0.0));

      assertThat(test.standing().text())
          .as(primary)
          .contains(primary.equals("refusal.rate") ? "planned" : "cannot be planned");
      assertThat(test.phase()).as(primary).isEqualTo(RolloutState.RUNNING);
    }
  }

  private static String ab(String primary, String more) {
    return ONE
        + """
        strategy: ab
        split: {candidate: 50%}
        mde: 5pp
        guards: [{metric: tokens, worseBy: 50%, then: flag}]
        """
            .replace("5pp", primary.endsWith("rate") ? "5pp" : "5%")
        + "primary: "
        + primary
        + "\n"
        + more;
  }

  @Test
  void shouldNotBeginAStageWhileControlFailsToo() {
    serin.apply("run-1", ONE + STAGES);
    serin.obey("r1");
    serin.traffic(random, 400, Duration.ofSeconds(1), Map.of("control", 1.0, "candidate", 1.0));

    assertThat(serin.newest().stage()).isZero();
    assertThat(serin.told(EventKind.HELD).text()).contains("control fails too");

    serin.traffic(random, 60, Duration.ofSeconds(1), Map.of());
    assertThat(serin.newest().stage()).as("control is well again").isEqualTo(1);
  }

  @Test
  void shouldAskAPersonAtTheDeadlineOfAFrozenAndOfAPausedRun() {
    for (boolean paused : List.of(true, false)) {
      PolicyHarness run = new PolicyHarness();
      run.apply("run-1", ONE + STAGES);
      run.obey("r1", "r2", "r3");
      if (paused) {
        run.ask(ActionKind.PAUSE);
      } else {
        run.heard("r4", run.newest().revision(), "candidate");
      }

      run.pass(Duration.ofMinutes(11));

      assertThat(run.told(EventKind.INCONCLUSIVE).text())
          .contains(paused ? "it is paused" : "frozen: candidate is tripped on r4");
      run.ask(ActionKind.RESUME);
      assertThat(run.told(EventKind.RESUMED).text()).isNotEmpty();
      assertThat(run.phase()).isEqualTo(paused ? RolloutState.RUNNING : RolloutState.FROZEN);
    }
  }

  @Test
  void shouldNotAdvanceOnMissingDataWhenTheClockIsSetBack() {
    serin.jump(Duration.ofHours(24));
    serin.apply("run-1", ONE + STAGES);
    serin.obey("r1");
    serin.wake();
    serin.jump(Duration.ofDays(-1));

    serin.pass(Duration.ofHours(1));

    assertThat(serin.newest().stage()).isZero();
    assertThat(serin.kinds()).contains(EventKind.NO_DATA);
  }

  @Test
  void shouldObeyAPersonAfterAClockThatWasAheadLostTheState() {
    serin.apply("run-1", ONE + STAGES);
    Output.Command last = serin.newest();
    long ahead = serin.now() + Duration.ofHours(24).toMillis();
    PolicyHarness reset = new PolicyHarness();
    reset.step(
        new Input.FoundCommand(
            serin.now(),
            last.revision(),
            last.run(),
            last.phase(),
            last.stage(),
            last.split(),
            ahead,
            null));
    reset.apply("run-1", ONE + STAGES);
    reset.step(new Input.Tick(reset.now()));
    reset.jump(Duration.ofSeconds(10));

    reset.ask(ActionKind.ROLLBACK);

    assertThat(reset.phase()).isEqualTo(RolloutState.ROLLED_BACK);
  }

  /** The lost state's last action is not acted on twice; one of the same millisecond is obeyed. */
  @Test
  void shouldObeyAnActionOfTheMillisecondOfTheNewestCommand() {
    serin.apply("run-1", ONE + STAGES);
    serin.ask(ActionKind.PAUSE);
    serin.ask(ActionKind.RESUME);
    Output.Command last = serin.newest();
    PolicyHarness reset = new PolicyHarness();
    reset.step(
        new Input.FoundCommand(
            reset.now(),
            last.revision(),
            last.run(),
            last.phase(),
            last.stage(),
            last.split(),
            last.at(),
            last.causeId()));
    reset.apply("run-1", ONE + STAGES);

    reset.step(asked(last.at(), ActionKind.RESUME, String.valueOf(last.causeId())));
    assertThat(reset.kinds()).doesNotContain(EventKind.ACTION_REFUSED);
    reset.step(asked(last.at() - 1, ActionKind.ROLLBACK, "before"));
    assertThat(reset.phase()).isEqualTo(RolloutState.RUNNING);
    reset.step(asked(last.at(), ActionKind.ROLLBACK, "same-millisecond"));

    assertThat(reset.phase()).isEqualTo(RolloutState.ROLLED_BACK);
  }

  private static Input.Action asked(long at, ActionKind kind, String key) {
    return new Input.Action(at, kind, "ann", null, null, key, null);
  }

  @Test
  void shouldNotBeginAStageThatARouterCannotServe() {
    serin.apply("run-1", ONE + STAGES);
    String why = "variants.candidate.url: port 99999 is not a port";
    for (int i = 0; i < 400; i++) {
      serin.step(
          new Input.Heartbeat(
              serin.now(),
              "r1",
              "i",
              serin.newest().revision(),
              Set.of(),
              Map.of("candidate", why),
              List.of()));
      serin.traffic(random, 1, Duration.ofSeconds(1), Map.of());
    }

    assertThat(serin.newest().stage()).isZero();
    assertThat(serin.told(EventKind.ROUTER_LAGGING).text())
        .isEqualTo("r1 cannot serve candidate: " + why + ". Control serves its units.");
    assertThat(serin.kinds().stream().filter(k -> k == EventKind.ROUTER_LAGGING)).hasSize(1);
    assertThat(serin.told(EventKind.HELD).text()).contains("r1 cannot serve candidate");
  }

  @Test
  void shouldNotPromoteByHandWhatNoRouterWouldServe() {
    serin.apply("run-1", ONE + STAGES);
    serin.ask(ActionKind.PROMOTE);
    assertThat(serin.newest().stage()).as("a stage is no flip").isEqualTo(1);

    serin.ask(ActionKind.PROMOTE);
    serin.ask(ActionKind.PROMOTE, "candidate");

    assertThat(serin.phase()).isEqualTo(RolloutState.RUNNING);
  }

  /** Random inputs, clocks and outcomes: a step throws nothing, and abort always ends a run. */
  @Test
  void shouldSurviveAnythingAndAlwaysHaveAWayOut() {
    int runs = Integer.getInteger("serin.fuzz.runs", 60);
    for (int i = 0; i < runs; i++) {
      SplittableRandom fuzz = new SplittableRandom(1_000 + i);
      PolicyHarness run = new PolicyHarness();
      String[] files = {
        TWO, ONE + STAGES, ab("error.rate", ""), ab("latency", ""), ab("refusal.rate", ""), ONE
      };
      run.apply("run-1", files[fuzz.nextInt(files.length)]);
      for (int step = 0; step < 150; step++) {
        switch (fuzz.nextInt(8)) {
          case 0 -> {
            ActionKind[] kinds = ActionKind.values();
            run.ask(
                kinds[fuzz.nextInt(kinds.length)],
                List.of("a", "b", "candidate", "control", "nobody").get(fuzz.nextInt(5)));
          }
          case 1 -> run.jump(Duration.ofMillis(fuzz.nextLong(-90_000_000L, 90_000_000L)));
          case 2 -> run.heard("r" + fuzz.nextInt(3), fuzz.nextLong(0, 9), "candidate");
          case 3 -> run.heard("r" + fuzz.nextInt(3), run.newest().revision());
          case 4 -> run.apply("run-" + fuzz.nextInt(99), files[fuzz.nextInt(files.length)]);
          default ->
              run.traffic(
                  fuzz,
                  40,
                  Duration.ofSeconds(1),
                  Map.of("control", fuzz.nextDouble(), "candidate", fuzz.nextDouble()));
        }
      }
      assertThat(run.weighed)
          .allMatch(w -> !Double.isNaN(w.logE()) && !Double.isNaN(w.threshold()));
      assertThat(run.weighed).noneMatch(w -> w.evidence().containsValue(Double.NaN));
      assertThat(run.judged).noneMatch(v -> Double.isNaN(v.finding().logE()));
      if (RolloutStates.active(run.phase())) {
        run.ask(ActionKind.ABORT);
        assertThat(run.phase()).as("run " + i).isEqualTo(RolloutState.ABORTED);
      }
    }
  }
}
