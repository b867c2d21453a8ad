package io.serin.analytics.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.observation.Observation;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.ActionKind;
import io.serin.schemas.Decision;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the controller says and does at each rung: rollback, freeze, continue, promote, ask. */
class GuardActionsTest {
  private static final String HEAD =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      """;
  private static final Map<String, Double> EQUAL = Map.of("control", 0.02, "candidate", 0.02);

  private final PolicyHarness serin = new PolicyHarness();
  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void shouldSayHowMuchMoreItNeedsAndNeitherPassNorFailWhenTrafficIsLow() {
    apply("stages: [{weight: 25%, for: 1h, deadline: 30d}, {weight: 100%}]\n");

    serin.traffic(random, 300, Duration.ofMinutes(1), EQUAL);

    assertThat(serin.phase()).isEqualTo(RolloutState.RUNNING);
    assertThat(serin.newest().stage()).isZero();
    Output.StageVerdict standing = serin.standing();
    assertThat(standing.decision()).isEqualTo(Decision.CONTINUE);
    assertThat(standing.text())
        .matches(".*need about [0-9,]+ more requests of new units, [0-9]+ d.* at this rate.*");
    double more = standing.evidence().getOrDefault("moreRequests", 0.0);
    assertThat(more).isBetween(500.0, 20_000.0);
    assertThat(standing.evidence().getOrDefault("moreMillis", 0.0))
        .as("one a minute")
        .isCloseTo(more * 60_000, org.assertj.core.data.Percentage.withPercentage(2));
    assertThat(serin.told(EventKind.HELD).text()).contains("need about");
  }

  @Test
  void shouldGoOnByTimeAloneWhereTheFileSaysSo() {
    apply("stages: [{weight: 25%, for: 1m, until: time}, {weight: 50%}]\n");

    serin.traffic(random, 50, Duration.ofSeconds(1), EQUAL);
    assertThat(serin.newest().stage()).as("a minute is not over").isZero();
    serin.traffic(random, 15, Duration.ofSeconds(1), EQUAL);

    assertThat(serin.newest().stage()).isEqualTo(1);
  }

  @Test
  void shouldGoOnByEvidenceAloneAsSoonAsItIsThere() {
    apply("stages: [{weight: 50%, until: detection}, {weight: 60%}]\n");

    serin.traffic(random, 300, Duration.ofMillis(50), EQUAL);
    assertThat(serin.newest().stage()).isZero();
    serin.traffic(random, 5_000, Duration.ofMillis(50), EQUAL);

    assertThat(serin.newest().stage()).isEqualTo(1);
    assertThat(serin.told(EventKind.STAGE_ENTERED).details()).containsKey("cause");
  }

  @Test
  void shouldWaitForBothTimeAndEvidence() {
    apply("stages: [{weight: 50%, for: 30m, until: gate}, {weight: 60%}]\n");

    serin.traffic(random, 14_000, Duration.ofMillis(100), EQUAL);
    assertThat(serin.standing().decision()).isEqualTo(Decision.PROMOTE);
    assertThat(serin.standing().text()).contains("the stage lasts");
    assertThat(serin.newest().stage()).as("the gate holds, the time is not over").isZero();
    serin.traffic(random, 4_100, Duration.ofMillis(100), EQUAL);

    assertThat(serin.newest().stage()).isEqualTo(1);
  }

  @Test
  void shouldPromoteOnlyWhenTheGateHoldsAndRoutersFollow() {
    apply("stages: [{weight: 50%, for: 12m, until: gate}, {weight: 100%, bake: 1m}]\n");

    serin.traffic(random, 30_000, Duration.ofMillis(50), EQUAL);

    assertThat(serin.phase()).as(serin.standing().text()).isEqualTo(RolloutState.PROMOTED);
    assertThat(serin.newest().split()).isEqualTo(Split.all("candidate"));
    assertThat(serin.orders)
        .as("the holdback comes before the flip")
        .anyMatch(order -> order.split().weight("control") == 500);
    assertThat(serin.told(EventKind.PROMOTED).details()).containsEntry("variant", "candidate");
  }

  @Test
  void shouldNotFlipWhileARouterLags() {
    apply("stages: [{weight: 50%, for: 1m, until: time}, {weight: 100%}]\n");
    serin.traffic(random, 100, Duration.ofMillis(500), EQUAL);
    serin.routers.clear();
    serin.heard("r1", serin.newest().revision());
    for (int i = 0; i < 40; i++) {
      serin.traffic(random, 1, Duration.ofSeconds(1), EQUAL);
      serin.heard("r1", serin.newest().revision());
      serin.heard("r2", serin.newest().revision() - 1);
    }

    assertThat(serin.newest().stage()).isZero();
    assertThat(serin.told(EventKind.HELD).text()).contains("r2 does not serve revision");
  }

  @Test
  void shouldAskAPersonAtTheDeadlineAndGiveTimeByResume() {
    apply("stages: [{weight: 25%, for: 1m, deadline: 5m}, {weight: 50%}]\n");

    serin.traffic(random, 400, Duration.ofSeconds(1), EQUAL);

    assertThat(serin.told(EventKind.INCONCLUSIVE).text()).contains("need about").contains("resume");
    assertThat(serin.standing().decision()).isEqualTo(Decision.INCONCLUSIVE);
    assertThat(serin.newest().stage()).isZero();

    serin.ask(ActionKind.RESUME);
    serin.traffic(random, 100, Duration.ofSeconds(1), EQUAL);
    assertThat(serin.standing().decision()).isEqualTo(Decision.CONTINUE);

    serin.traffic(random, 300, Duration.ofSeconds(1), EQUAL);
    assertThat(serin.kinds().stream().filter(k -> k == EventKind.INCONCLUSIVE)).hasSize(2);
    serin.ask(ActionKind.PROMOTE);
    assertThat(serin.newest().stage()).isEqualTo(1);
  }

  @Test
  void shouldNotGoOnByItselfOnceAPersonWasAsked() {
    apply("stages: [{weight: 50%, for: 1s, deadline: 30s}, {weight: 60%}]\n");
    serin.traffic(random, 50, Duration.ofSeconds(1), EQUAL);
    assertThat(serin.kinds()).contains(EventKind.INCONCLUSIVE);

    serin.traffic(random, 8_000, Duration.ofMillis(20), EQUAL);

    assertThat(serin.newest().stage()).isZero();
    assertThat(serin.standing().decision()).isEqualTo(Decision.INCONCLUSIVE);
  }

  @Test
  void shouldHoldWithItsOwnMessageWhenNoEvidenceComes() {
    apply("stages: [{weight: 25%, for: 1m, until: time}, {weight: 50%}]\n");
    serin.traffic(random, 30, Duration.ofSeconds(1), EQUAL);

    serin.pass(Duration.ofMinutes(11));

    assertThat(serin.told(EventKind.NO_DATA).text())
        .startsWith("No request of candidate has been seen for 10 min");
    assertThat(serin.newest().stage()).as("the minute had passed with evidence").isEqualTo(1);
    assertThat(serin.standing().decision()).isEqualTo(Decision.HOLD);
  }

  @Test
  void shouldHoldWithItsOwnMessageWhenAllEvidenceIsOld() {
    apply(
        """
        stages: [{weight: 50%, for: 1m, until: time}, {weight: 60%}]
        missingData: {after: 30s}
        """);

    for (int i = 0; i < 100; i++) {
      serin.request("u" + i, i * 997 % 10_000, Observation.End.OK, 100_000, serin.now() - 45_000);
      serin.pass(Duration.ofSeconds(1));
    }

    assertThat(serin.told(EventKind.NO_DATA).text()).contains("45 s late");
    assertThat(serin.newest().stage()).isZero();
  }

  @Test
  void shouldPauseOrRollBackForMissingDataWhereTheFileSaysSo() {
    apply("stages: [{weight: 25%}]\nmissingData: {after: 30s, then: pause}\n");
    serin.pass(Duration.ofMinutes(1));
    assertThat(serin.phase()).isEqualTo(RolloutState.PAUSED);

    serin.apply(
        "run-2", HEAD + "stages: [{weight: 25%}]\nmissingData: {after: 30s, then: rollback}\n");
    serin.pass(Duration.ofMinutes(1));
    assertThat(serin.phase()).isEqualTo(RolloutState.ROLLED_BACK);
    assertThat(serin.newest().cause()).isEqualTo("missing data rolled back");
  }

  @Test
  void shouldTakeNothingOutForAQuietNight() {
    apply("stages: [{weight: 25%}]\nmissingData: {after: 10m, then: rollback}\n");
    for (int day = 0; day < 3; day++) {
      serin.traffic(random, 15 * 60, Duration.ofMinutes(1), EQUAL);
      serin.pass(Duration.ofHours(9));
    }

    assertThat(serin.phase()).isEqualTo(RolloutState.RUNNING);
    assertThat(serin.kinds()).doesNotContain(EventKind.NO_DATA);
  }

  @Test
  void shouldTellThatTheCandidateAloneIsSilent() {
    apply("stages: [{weight: 25%}]\nmissingData: {after: 10m, then: rollback}\n");
    serin.traffic(random, 200, Duration.ofMinutes(1), EQUAL);

    for (int i = 0; i < 60 && serin.phase() == RolloutState.RUNNING; i++) {
      serin.request("only" + i, controlSlot(i), Observation.End.OK, 100_000);
      serin.pass(Duration.ofMinutes(1));
    }

    assertThat(serin.told(EventKind.NO_DATA).text()).startsWith("No request of candidate");
    assertThat(serin.newest().cause()).isEqualTo("missing data rolled back");
  }

  @Test
  void shouldTellThatAllTrafficStoppedAtAnHourThatWasBusyYesterday() {
    apply("stages: [{weight: 25%}]\n");
    serin.traffic(random, 28 * 60, Duration.ofMinutes(1), EQUAL);
    assertThat(serin.kinds()).doesNotContain(EventKind.NO_DATA);

    serin.pass(Duration.ofHours(2));

    assertThat(serin.told(EventKind.NO_DATA).text()).contains("Missing data is never a pass");
  }

  private int controlSlot(int i) {
    for (int slot = 97 * i; ; slot = (slot + 1) % Split.SLOTS) {
      if (serin.variant(slot).equals("control")) {
        return slot;
      }
    }
  }

  @Test
  void shouldStayRolledBackUntilAFileIsAppliedAgain() {
    apply("stages: [{weight: 25%}]\n");
    serin.traffic(random, 2_000, Duration.ofMillis(50), Map.of("candidate", 0.3));
    assertThat(serin.phase()).isEqualTo(RolloutState.ROLLED_BACK);

    serin.pass(Duration.ofDays(1));
    for (ActionKind kind : List.of(ActionKind.RESUME, ActionKind.PROMOTE)) {
      serin.ask(kind);
    }
    assertThat(serin.newest().split()).isEqualTo(Split.all("control"));
    serin.apply("run-1", HEAD + "stages: [{weight: 25%}]\n");
    assertThat(serin.phase()).as("the same run again").isEqualTo(RolloutState.ROLLED_BACK);

    serin.apply("run-2", HEAD + "stages: [{weight: 25%}]\n");
    assertThat(serin.phase()).isEqualTo(RolloutState.RUNNING);
  }

  private void apply(String rest) {
    serin.apply("run-1", HEAD + rest);
    serin.obey("r1", "r2");
  }
}
