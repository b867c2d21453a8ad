package io.serin.analytics.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.rollout.assignment.Split;
import io.serin.schemas.ActionKind;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What must never bring a bad variant back, nor send traffic to a retired one. */
class SafetyTest {
  private static final String FILE =
      """
      rollout: assistant
      variants:
        control: {url: http://localhost:8101/v1}
        good:    {url: http://localhost:8102/v1}
        bad:     {url: http://localhost:8103/v1}
      stages:
        - {weight: {good: 20%, bad: 20%}, for: 1h, until: time}
        - {weight: {good: 40%, bad: 40%}, for: 1h, until: time}
      lease: 60s
      """;
  private static final Split CONTROL = Split.all("control");

  private final PolicyHarness serin = new PolicyHarness();
  private final SplittableRandom random = new SplittableRandom(5);

  @Test
  void anOldCommandIsWrittenOver() {
    rolledBack();
    long revision = serin.newest().revision();

    serin.step(found(serin.orders.getFirst()));

    assertThat(serin.newest().revision()).isEqualTo(revision);
    assertThat(serin.newest().split()).isEqualTo(CONTROL);
  }

  @Test
  void aZombieThatStillRampsIsOverruledByTheRollback() {
    rolledBack();

    Output.Command ramp = serin.orders.getFirst();
    serin.step(found(ramp, serin.newest().revision() + 7, RolloutState.RUNNING, ramp.run()));

    assertThat(serin.newest().split()).isEqualTo(CONTROL);
    assertThat(serin.newest().phase()).isEqualTo(RolloutState.ROLLED_BACK);
    assertThat(serin.newest().revision()).isEqualTo(ramp.revision() + 1 + 7 + 1);
    assertThat(serin.kinds()).contains(EventKind.CONFLICT);
  }

  @Test
  void theRollbackOfASecondControllerHoldsForBoth() {
    begin();
    Output.Command own = serin.newest();

    serin.step(
        new Input.FoundCommand(
            serin.now(),
            own.revision() + 1,
            own.run(),
            RolloutState.ROLLED_BACK,
            0,
            CONTROL,
            0,
            null));

    assertThat(serin.newest().split()).isEqualTo(CONTROL);
    assertThat(serin.newest().revision()).isEqualTo(own.revision() + 2);
    serin.traffic(random, 200, Duration.ofSeconds(1), Map.of());
    assertThat(serin.newest().split()).isEqualTo(CONTROL);
  }

  @Test
  void twoControllersOfDifferentRunsLeaveUsersOnControl() {
    begin();
    Output.Command own = serin.newest();

    serin.step(found(own, own.revision() + 1, RolloutState.RUNNING, "another-run"));

    assertThat(serin.newest().split()).isEqualTo(CONTROL);
  }

  @Test
  void aResetControllerKeepsOutWhatWasTakenOut() {
    begin();
    serin.ask(ActionKind.ROLLBACK, "bad");
    PolicyHarness reset = reset(serin.newest());

    assertThat(reset.status().removed()).containsExactly("bad");
    reset.ask(ActionKind.PROMOTE);
    assertThat(reset.newest().stage()).isEqualTo(1);
    assertThat(reset.newest().split().weight("bad")).isZero();
    assertThat(reset.newest().split().weight("good")).isEqualTo(4_000);
  }

  @Test
  void aResetControllerLeavesEveryEndAsItWas() {
    for (List<ActionKind> end :
        List.of(
            List.of(ActionKind.ROLLBACK),
            List.of(ActionKind.ABORT),
            List.of(ActionKind.ROLLBACK, ActionKind.RETIRE))) {
      PolicyHarness first = new PolicyHarness();
      first.apply("run-1", FILE);
      end.forEach(first::ask);
      PolicyHarness reset = reset(first.newest());

      assertThat(reset.phase()).isEqualTo(first.phase());
      assertThat(reset.newest().split()).isEqualTo(CONTROL);
      assertThat(reset.newest().revision()).isGreaterThan(first.newest().revision());
      reset.pass(Duration.ofHours(3));
      assertThat(reset.newest().split()).isEqualTo(CONTROL);
    }
  }

  @Test
  void aResetControllerDoesNotRepeatOldActionsAndFiles() {
    begin();
    Output.Command last = serin.newest();
    PolicyHarness reset = new PolicyHarness();
    reset.step(found(last));
    reset.apply("run-1", FILE);
    int orders = reset.orders.size();

    reset.step(new Input.Applied(last.at() - 5, "run-0", FILE, "ann", null));
    reset.step(new Input.Action(last.at() - 5, ActionKind.PROMOTE, "ann", null, null, "old", null));

    assertThat(reset.orders).hasSize(orders);
  }

  @Test
  void aRetiredVariantIsNeverServedAgain() {
    begin();
    serin.ask(ActionKind.ROLLBACK);
    serin.ask(ActionKind.RETIRE);
    int orders = serin.orders.size();

    for (ActionKind kind : ActionKind.values()) {
      serin.ask(kind, kind == ActionKind.TRIP ? "good" : null);
    }
    serin.step(new Input.Heartbeat(serin.now(), "r1", "i", 1, Set.of("good")));
    serin.pass(Duration.ofHours(3));

    assertThat(serin.orders.subList(orders, serin.orders.size()))
        .allMatch(order -> order.split().equals(CONTROL));
  }

  /** Its router still tells of the run before: it has not read the new command. */
  @Test
  void aTripOfTheRunBeforeTakesNobodyOutOfANewOne() {
    begin();
    long old = serin.newest().revision();
    serin.heard("r1", old, "good");
    assertThat(serin.newest().split().weight("good")).as("taken out").isZero();

    serin.apply("run-2", FILE);
    serin.heard("r1", old, "good");
    serin.heard("r1", old + 1, "good");
    assertThat(serin.newest().split().weight("good")).as("a new chance").isPositive();

    serin.heard("r1", serin.newest().revision(), "good");
    assertThat(serin.newest().split().weight("good")).as("tripped in this run").isZero();
  }

  @Test
  void aTripIsClearedAlsoWhereTheControllerNeverHeardOfIt() {
    begin();

    serin.ask(ActionKind.CLEAR_TRIP, "good");
    assertThat(serin.newest().clearsTrips()).containsExactly("good");

    serin.ask(ActionKind.CLEAR_TRIP);
    assertThat(serin.newest().clearsTrips()).as("all candidates").contains("good");

    serin.ask(ActionKind.CLEAR_TRIP, "nobody");
    assertThat(serin.told.getLast().kind()).isEqualTo(EventKind.ACTION_REFUSED);
  }

  @Test
  void aPromotedRunIsNotRenewedSoThatNoLeaseCanEndIt() {
    begin();
    serin.ask(ActionKind.PROMOTE);
    serin.obey("r1");
    serin.ask(ActionKind.PROMOTE, "good");
    int orders = serin.orders.size();

    serin.pass(Duration.ofMinutes(10));

    assertThat(serin.phase()).isEqualTo(RolloutState.PROMOTED);
    assertThat(serin.orders).hasSize(orders);
  }

  @Test
  void aClockThatJumpsAheadEndsNoStage() {
    serin.apply("run-1", FILE.replace("for: 1h", "for: 7d"));
    serin.obey("r1");
    serin.traffic(random, 60, Duration.ofSeconds(1), Map.of());

    serin.jump(Duration.ofDays(30));
    serin.traffic(random, 60, Duration.ofSeconds(1), Map.of());

    assertThat(serin.newest().stage()).isZero();
    assertThat(serin.phase()).isEqualTo(RolloutState.RUNNING);
  }

  @Test
  void aRouterWhoseClockIsFastMovesNothing() {
    begin();
    serin.traffic(random, 60, Duration.ofSeconds(1), Map.of());

    serin.step(
        new Input.Heartbeat(
            serin.now() + Duration.ofDays(30).toMillis(), "fast", "i", 1, Set.of()));
    int renewals = serin.orders.size();
    serin.traffic(random, 120, Duration.ofSeconds(1), Map.of());

    assertThat(serin.newest().stage()).isZero();
    assertThat(serin.orders.size()).as("leases are renewed").isGreaterThan(renewals);
  }

  @Test
  void aClockThatIsSetBackStopsNeitherRenewalsNorGuards() {
    begin();
    serin.traffic(random, 60, Duration.ofSeconds(1), Map.of());
    serin.jump(Duration.ofDays(-2));
    int orders = serin.orders.size();

    serin.traffic(random, 60, Duration.ofSeconds(1), Map.of());
    assertThat(serin.orders.size()).as("leases are renewed").isGreaterThan(orders + 2);
    serin.traffic(random, 1_500, Duration.ofMillis(50), Map.of("bad", 0.4));

    assertThat(serin.status().removed()).contains("bad");
    assertThat(serin.kinds()).contains(EventKind.ROLLBACK_CONFIRMED);
  }

  @Test
  void aClockThatJumpsNeverBringsBackWhatWasRolledBack() {
    rolledBack();
    for (int days : new int[] {30, -60, 365}) {
      serin.jump(Duration.ofDays(days));
      serin.pass(Duration.ofMinutes(5));
    }

    assertThat(serin.newest().split()).isEqualTo(CONTROL);
  }

  @Test
  void aTripThatNoLiveRouterReportsFreezesOnly() {
    begin();
    serin.routers.clear();
    serin.pass(Duration.ofSeconds(10));

    serin.ask(ActionKind.TRIP, "bad");

    assertThat(serin.phase()).isEqualTo(RolloutState.FROZEN);
    assertThat(serin.status().removed()).isEmpty();
  }

  @Test
  void tripsAreCountedAmongLiveRoutersOnlyAndAgainWhenTheyAreHeard() {
    begin();
    serin.obey("r3");
    long revision = serin.newest().revision();

    serin.heard("r1", revision, "bad");
    assertThat(serin.status().removed()).as("one of three").isEmpty();
    serin.routers.remove("r1");
    serin.pass(Duration.ofSeconds(10));
    serin.heard("r2", serin.newest().revision(), "bad");

    assertThat(serin.status().removed()).as("one of the two that live").containsExactly("bad");
    assertThat(serin.told(EventKind.ROLLED_BACK).text()).contains("1 of 2 live routers");
  }

  @Test
  void aTripIsWeighedAgainAtEachHeartbeat() {
    begin();
    serin.obey("r3");
    serin.heard("r1", serin.newest().revision(), "bad");
    serin.routers.remove("r1");
    serin.routers.remove("r2");
    serin.pass(Duration.ofSeconds(10));
    assertThat(serin.status().removed()).isEmpty();

    serin.heard("r1", serin.newest().revision(), "bad");

    assertThat(serin.status().removed()).as("one of two that live").containsExactly("bad");
    assertThat(serin.kinds()).containsOnlyOnce(EventKind.ROUTER_TRIPPED);
  }

  @Test
  void aRevisionOfAnotherControllerAcknowledgesNothing() {
    begin();
    serin.ask(ActionKind.ROLLBACK, "bad");
    long revision = serin.newest().revision();
    serin.heard("r1", revision + 40);
    serin.heard("r2", revision + 40);

    assertThat(serin.kinds())
        .contains(EventKind.CONFLICT)
        .doesNotContain(EventKind.ROLLBACK_CONFIRMED);
  }

  @Test
  void aRollbackOvertakesRoutersThatAreAheadSoThatTheyObeyIt() {
    begin();
    serin.heard("r1", serin.newest().revision() + 40);
    long ahead = serin.newest().revision() + 40;

    serin.ask(ActionKind.ROLLBACK);

    assertThat(serin.newest().revision()).isGreaterThan(ahead);
    assertThat(serin.newest().split()).isEqualTo(CONTROL);
    assertThat(serin.kinds()).doesNotContain(EventKind.ROLLBACK_CONFIRMED);
    serin.obey("r1", "r2");
    assertThat(serin.kinds()).contains(EventKind.ROLLBACK_CONFIRMED);
  }

  @Test
  void anUnconfirmedRollbackSaysThatTheLeaseEndedWhatSilentRoutersServe() {
    begin();
    serin.routers.remove("r2");
    serin.ask(ActionKind.ROLLBACK);
    serin.pass(Duration.ofSeconds(70));

    assertThat(serin.told(EventKind.ROLLBACK_UNCONFIRMED).text())
        .contains("r2", "back on control by themselves");
  }

  @Test
  void noLeaseEndsWhatWasPromotedAndTheRollbackWaitsForTheSilentRouter() {
    begin();
    serin.ask(ActionKind.PROMOTE);
    serin.obey("r1");
    serin.ask(ActionKind.PROMOTE, "good");
    assertThat(serin.phase()).isEqualTo(RolloutState.PROMOTED);
    serin.obey("r1", "r2");
    serin.routers.remove("r2");
    serin.ask(ActionKind.ROLLBACK);
    serin.pass(Duration.ofSeconds(70));

    assertThat(serin.told(EventKind.ROLLBACK_UNCONFIRMED).text())
        .contains("r2", "may continue as before");
    assertThat(serin.kinds()).doesNotContain(EventKind.ROLLBACK_CONFIRMED);
    serin.obey("r1", "r2");
    assertThat(serin.kinds()).contains(EventKind.ROLLBACK_CONFIRMED);
  }

  @Test
  void aRollbackSaysHowManyOpenConversationsMoveAndLaterHowThatWent() {
    begin();
    serin.ask(ActionKind.ROLLBACK, "bad");
    moved("r1", "run-1", 12, 0, 0);
    moved("r2", "run-1", 8, 1, 0);
    assertThat(serin.told(EventKind.ROLLBACK_CONFIRMED).text())
        .contains("20 open conversations move.");

    moved("r1", "run-1", 12, 12, 1);
    assertThat(serin.kinds()).doesNotContain(EventKind.ROLLBACK_COUNTED);
    moved("r2", "run-1", 8, 8, 0);

    Output.Event counted = serin.told(EventKind.ROLLBACK_COUNTED);
    assertThat(counted.text())
        .isEqualTo(
            "Of 20 open conversations of bad, 20 continued elsewhere so far; the first turn there"
                + " failed for 1.");
    moved("r2", "run-1", 8, 8, 0);
    assertThat(serin.kinds()).containsOnlyOnce(EventKind.ROLLBACK_COUNTED);
  }

  @Test
  void conversationsThatNobodyContinuesAreToldOfInTheEnd() {
    begin();
    serin.ask(ActionKind.ROLLBACK, "bad");
    moved("r1", "run-1", 12, 3, 0);
    moved("r2", "run-0", 8, 8, 8);

    serin.pass(Duration.ofMinutes(11));

    assertThat(serin.told(EventKind.ROLLBACK_COUNTED).details())
        .as("those of another run are not this one's")
        .containsEntry("conversationsOpen", "12")
        .containsEntry("conversationsContinued", "3")
        .containsEntry("conversationsFailed", "0");
  }

  private void moved(String router, String run, int open, int continued, int failed) {
    serin.step(
        new Input.Heartbeat(
            serin.now(),
            router,
            "i",
            serin.newest().revision(),
            Set.of(),
            Map.of(),
            List.of(new Input.Moved(run, "bad", open, continued, failed))));
  }

  private void begin() {
    serin.apply("run-1", FILE);
    serin.obey("r1", "r2");
  }

  private void rolledBack() {
    begin();
    serin.ask(ActionKind.ROLLBACK);
    serin.obey("r1", "r2");
  }

  private static PolicyHarness reset(Output.Command last) {
    PolicyHarness reset = new PolicyHarness();
    reset.step(found(last));
    reset.apply("run-1", FILE);
    reset.obey("r1");
    reset.pass(Duration.ofSeconds(1));
    return reset;
  }

  private static Input.FoundCommand found(Output.Command order) {
    return found(order, order.revision(), order.phase(), order.run());
  }

  private static Input.FoundCommand found(
      Output.Command order, long revision, RolloutState phase, String run) {
    return new Input.FoundCommand(
        order.at() + 1, revision, run, phase, order.stage(), order.split(), order.at(), null);
  }
}
