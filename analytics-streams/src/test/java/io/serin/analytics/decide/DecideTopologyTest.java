package io.serin.analytics.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.controller.Decider;
import io.serin.analytics.controller.Output;
import io.serin.analytics.judge.Cells;
import io.serin.schemas.ActionKind;
import io.serin.schemas.Command;
import io.serin.schemas.Decision;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.EventId;
import io.serin.schemas.EventKind;
import io.serin.schemas.Excluded;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Slice;
import io.serin.schemas.Verdict;
import io.serin.schemas.Why;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DecideTopologyTest {
  private static final String FILE =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      stages:
        - {weight: 25%, for: 1h, until: time}
        - {weight: 50%, for: 1h, until: time}
        - {weight: 100%, bake: 1h}
      lease: 60s
      missingData: {after: 3h}
      """;

  private DecideHarness serin = new DecideHarness();

  @AfterEach
  void close() {
    serin.verdicts.forEach(
        verdict ->
            assertThat(Recomputed.from(verdict).differences()).as(verdict.getId()).isEmpty());
    serin.close();
  }

  @Test
  void shouldOrderTheFirstStageWhenAFileIsApplied() {
    serin.apply("run-1", FILE);

    Command command = serin.newest();
    assertThat(command.getRevision()).isEqualTo(1);
    assertThat(command.getState()).isEqualTo(RolloutState.RUNNING);
    assertThat(command.getSalt()).isEqualTo("run-1");
    assertThat(command.getSplit())
        .containsExactly(new Slice("control", 0, 7_500), new Slice("candidate", 7_500, 10_000));
    assertThat(serin.eventKinds()).containsExactly(EventKind.APPLIED, EventKind.STAGE_ENTERED);
  }

  @Test
  void shouldRollBackWhenErrorGuardFires() {
    serin.apply("run-1", FILE);
    serin.heartbeat("router-1", 1);

    int sent = failingCandidate(0.3, new Random(1), 5_000);

    assertThat(serin.newest().getState()).isEqualTo(RolloutState.ROLLED_BACK);
    assertThat(serin.newest().getRevision()).isGreaterThan(1);
    assertThat(serin.newest().getSplit()).containsExactly(new Slice("control", 0, 10_000));
    assertThat(sent).as("requests until the rollback").isLessThan(400);
    Verdict verdict =
        serin.verdicts.stream()
            .filter(v -> v.getDecision() == Decision.ROLLBACK)
            .findFirst()
            .orElseThrow();
    assertThat(verdict.getMetric()).isEqualTo("error.rate");
    assertThat(verdict.getLogE()).isGreaterThanOrEqualTo(verdict.getThreshold());
    assertThat(serin.newest().getCauseId()).isEqualTo(verdict.getId());
    assertThat(serin.event(EventKind.ROLLED_BACK).getText()).contains("candidate failed");
  }

  @Test
  void shouldConfirmTheRollbackOnlyWhenEveryRouterServesIt() {
    serin.apply("run-1", FILE);
    serin.heartbeat("router-1", 1);
    serin.heartbeat("router-2", 1);
    failingCandidate(0.5, new Random(1), 5_000);
    long revision = serin.newest().getRevision();
    long decidedAt = serin.newest().getIssuedAt().toEpochMilli();

    serin.heartbeat("router-1", revision);
    assertThat(serin.eventKinds()).doesNotContain(EventKind.ROLLBACK_CONFIRMED);

    serin.advance(Duration.ofMillis(300));
    serin.heartbeat("router-2", revision);

    assertThat(serin.event(EventKind.ROLLBACK_CONFIRMED).getDetails())
        .containsEntry("routers", "router-1,router-2")
        .containsEntry("millisFromDecision", Long.toString(serin.now().toEpochMilli() - decidedAt))
        .containsKey("millisFromFirstBad");
  }

  @Test
  void shouldSayThatARollbackIsUnconfirmedWhenARouterStaysSilentForItsLease() {
    serin.apply("run-1", FILE);
    serin.heartbeat("router-1", 1);
    serin.ask(ActionKind.ROLLBACK, "k1");

    serin.advance(Duration.ofSeconds(59));
    assertThat(serin.eventKinds()).doesNotContain(EventKind.ROLLBACK_UNCONFIRMED);
    serin.advance(Duration.ofSeconds(2));

    assertThat(serin.event(EventKind.ROLLBACK_UNCONFIRMED).getDetails())
        .containsEntry("silent", "router-1");
  }

  @Test
  void shouldNotRollBackAHealthyCandidate() {
    serin.apply("run-1", FILE);
    Random random = new Random(7);
    for (int i = 0; i < 1_500; i++) {
      RequestEvent.Builder request = serin.request("u" + random.nextInt(800));
      request.getMeasurement().setDurationMicros(latency(random));
      request.setClientDurationMicros(request.getMeasurement().getDurationMicros());
      serin.send(random.nextDouble() < 0.02 ? DecideHarness.failed(request) : request.build());
      serin.advance(Duration.ofMillis(50));
    }

    assertThat(serin.newest().getState()).isEqualTo(RolloutState.RUNNING);
    assertThat(serin.verdicts)
        .extracting(Verdict::getDecision)
        .containsOnly(Decision.CONTINUE, Decision.NOT_APPLICABLE);
    assertThat(serin.verdicts)
        .extracting(Verdict::getMetric)
        .contains("error.rate", "latency.p50", "latency.p95", "tokens", "refusal.rate");
  }

  @Test
  void shouldRollBackASlowCandidate() {
    serin.apply(
        "run-1",
        FILE.replace("25%", "50%")
            .replace("{weight: 50%, for: 1h, until: time}\n  - {weight: 50%", "{weight: 50%"));
    Random random = new Random(3);
    for (int i = 0; i < 4_000 && serin.newest().getState() != RolloutState.ROLLED_BACK; i++) {
      RequestEvent.Builder request = serin.request("u" + i);
      boolean slow = request.getAssignedVariant().equals("candidate");
      request.getMeasurement().setDurationMicros(latency(random) * (slow ? 2 : 1));
      request.setClientDurationMicros(request.getMeasurement().getDurationMicros());
      serin.send(request.build());
      serin.advance(Duration.ofMillis(50));
    }

    assertThat(serin.newest().getState()).isEqualTo(RolloutState.ROLLED_BACK);
    assertThat(serin.newest().getCause()).contains("latency.p");
  }

  @Test
  void shouldFlagTokensAndInvestigateRefusalsWithoutRollingBack() {
    serin.apply("run-1", FILE.replace("25%", "49%"));
    Random random = new Random(3);
    for (int i = 0; i < 1_000; i++) {
      RequestEvent.Builder request = serin.request("u" + i);
      boolean candidate = request.getAssignedVariant().equals("candidate");
      long tokens = Math.round(100 * Math.exp(random.nextGaussian() / 2) * (candidate ? 3 : 1));
      request.getMeasurement().setCompletionTokens(tokens);
      request.getMeasurement().setRefusal(random.nextDouble() < (candidate ? 0.2 : 0.02));
      serin.send(request.build());
      serin.advance(Duration.ofMillis(50));
    }

    assertThat(serin.eventKinds()).contains(EventKind.FLAGGED, EventKind.INVESTIGATE);
    assertThat(serin.newest().getState()).isEqualTo(RolloutState.RUNNING);
  }

  @Test
  void shouldLookAtAssignedFirstAttemptsOnly() {
    serin.apply("run-1", FILE);
    Random random = new Random(1);
    int inputs = serin.inputs.size();
    for (int i = 0; i < 500; i++) {
      RequestEvent.Builder request = serin.request("u" + i);
      Why[] others = {
        Why.FALLBACK, Why.OVERRIDE, Why.PINNED, Why.TRIPPED, Why.LIMITED, Why.NO_UNIT
      };
      request.setWhy(others[random.nextInt(others.length)]);
      serin.send(DecideHarness.failed(request));
      RequestEvent.Builder died = serin.request("d" + i);
      died.getMeasurement().setOutcome(Outcome.ROUTER_DIED);
      serin.send(died.build());
      RequestEvent.Builder second = serin.request("s" + i).setAttempt(2);
      serin.send(DecideHarness.failed(second));
      RequestEvent excluded = DecideHarness.failed(serin.request("e" + i));
      List<Excluded> reasons = List.of(Excluded.values());
      excluded.setExcluded(reasons.get(random.nextInt(reasons.size())));
      serin.send(excluded);
      FeedbackEvent rated = serin.thumb(serin.request("r" + i).build(), false);
      rated.setExcluded(Excluded.MANY_UNITS);
      serin.rate(rated);
    }

    assertThat(serin.inputs).hasSize(inputs);
  }

  @Test
  void shouldDecideTheSameWhateverATesterDoesFirst() {
    List<RequestEvent> traffic = new ArrayList<>();
    serin.apply("run-1", FILE);
    recordTraffic(traffic, 150, 0.1);
    traffic.forEach(serin::send);
    List<Verdict> without = lastVerdicts();
    serin.close();

    serin = new DecideHarness();
    serin.apply("run-1", FILE);
    for (int i = 0; i < traffic.size(); i++) {
      // The same unit, before its first request of the stage: failed, slow, and rated badly.
      RequestEvent tester =
          DecideHarness.failed(serin.request("u" + i).setServedVariant("candidate"));
      tester.setWhy(Why.OVERRIDE);
      tester.setId(new EventId("router-of-testers", 0, (long) i));
      serin.send(tester);
      FeedbackEvent rated = serin.thumb(tester, false);
      assertThat(rated.getWhy()).isEqualTo(Why.OVERRIDE);
      serin.rate(rated);
      assertThat(serin.units()).hasSize(i);
      serin.send(traffic.get(i));
    }

    assertThat(lastVerdicts()).isEqualTo(without);
  }

  @Test
  void shouldDecideTheSameWhenEverythingIsSentTwice() {
    List<RequestEvent> traffic = new ArrayList<>();
    serin.apply("run-1", FILE);
    recordTraffic(traffic, 150, 0.1);
    traffic.forEach(serin::send);
    List<Verdict> once = lastVerdicts();
    serin.close();

    serin = new DecideHarness();
    serin.apply("run-1", FILE);
    traffic.forEach(
        event -> {
          serin.send(event);
          serin.send(event);
        });

    assertThat(lastVerdicts()).isEqualTo(once);
  }

  @Test
  void shouldCountEventsTheSameWhenTrafficIsReordered() {
    List<RequestEvent> traffic = new ArrayList<>();
    serin.apply("run-1", FILE);
    recordTraffic(traffic, 150, 0.1);
    traffic.forEach(serin::send);
    List<Verdict> inOrder = eventGuards(lastVerdicts());
    serin.close();

    serin = new DecideHarness();
    serin.apply("run-1", FILE);
    Collections.shuffle(traffic, new Random(5));
    traffic.forEach(serin::send);

    assertThat(eventGuards(lastVerdicts())).isEqualTo(inOrder);
  }

  @Test
  void shouldReplayEveryVerdictAndCommandFromTheLogOfInputs() {
    serin.apply("run-1", FILE);
    serin.heartbeat("router-1", 1);
    failingCandidate(0.05, new Random(2), 1_500);
    serin.ask(ActionKind.PAUSE, "k1");
    serin.advance(Duration.ofSeconds(30));
    serin.ask(ActionKind.RESUME, "k2");
    serin.heartbeat("router-1", serin.newest().getRevision());

    assertThat(serin.verdicts).isNotEmpty();
    VerdictReplay.Report report = replay(serin.inputs, serin.verdicts, serin.commands);
    assertThat(report.equal()).isTrue();
    assertThat(report.verdicts()).isEqualTo(serin.verdicts.size());
    assertThat(report.commands()).isEqualTo(serin.commands.size());
    assertThat(report.compactedCommands()).isZero();
    assertReplaysRestarted();
  }

  @Test
  void shouldReplayFromTheLastRunWhoseBeginningIsStillThere() {
    serin.apply("run-1", FILE);
    failingCandidate(0, new Random(2), 60);
    serin.advance(Duration.ofSeconds(12));
    int cut = serin.inputs.size() - 1;
    serin.apply("run-2", FILE);
    failingCandidate(0.5, new Random(3), 300);

    VerdictReplay.Report report =
        replay(
            serin.inputs.subList(cut, serin.inputs.size()),
            serin.verdicts,
            List.of(serin.commands.getLast()));
    assertThat(report.equal()).isTrue();
    assertThat(report.firstInput()).isEqualTo(cut + 2);
    assertThat(report.inputsBefore()).isEqualTo(1);
    assertThat(report.verdictsBefore()).isPositive();
    assertThat(report.verdictsBefore() + report.verdicts()).isEqualTo(serin.verdicts.size());
    assertThat(report.compactedCommands()).as("the topic keeps the newest").isPositive();

    assertThat(replay(serin.inputs.subList(1, cut), serin.verdicts, serin.commands).inputs())
        .as("nothing to begin at")
        .isZero();
  }

  @Test
  void shouldNameWhatDiffersFromWhatWasTold() {
    serin.apply("run-1", FILE);
    failingCandidate(0.5, new Random(3), 300);
    Verdict last = serin.verdicts.getLast();
    List<Verdict> altered = new ArrayList<>(serin.verdicts);
    altered.set(
        altered.size() - 1, Verdict.newBuilder(last).setLogE(Math.nextUp(last.getLogE())).build());
    List<Verdict> lacking = serin.verdicts.subList(1, serin.verdicts.size());
    List<Verdict> more = new ArrayList<>(serin.verdicts);
    more.add(Verdict.newBuilder(last).setId("other").build());

    assertThat(replay(serin.inputs, altered, serin.commands).differences()).isEqualTo(1);
    assertThat(replay(serin.inputs, lacking, serin.commands).differences()).isEqualTo(1);
    assertThat(replay(serin.inputs, more, serin.commands).differences()).isEqualTo(1);
    assertThat(replay(serin.inputs, serin.verdicts, List.of()).differences())
        .as("the newest command must be there")
        .isEqualTo(1);
    List<DecisionInput> hole = new ArrayList<>(serin.inputs);
    hole.remove(hole.size() / 2);
    assertThat(replay(hole, serin.verdicts, serin.commands).equal()).isFalse();
    assertThat(Recomputed.from(altered.getLast()).agrees()).isFalse();
  }

  private static VerdictReplay.Report replay(
      List<DecisionInput> inputs, List<Verdict> verdicts, List<Command> commands) {
    VerdictReplay replay =
        new VerdictReplay(
            DecideHarness.ROLLOUT,
            RecordCursor.of(verdicts),
            RecordCursor.of(commands),
            line -> {});
    inputs.forEach(replay::input);
    return replay.end();
  }

  private void assertReplaysRestarted() {
    Decider replayed = new Decider(DecideHarness.ROLLOUT);
    List<SpecificRecord> again = new ArrayList<>();
    long number = 0;
    for (DecisionInput logged : serin.inputs) {
      assertThat(logged.getNumber()).isEqualTo(++number);
      replayed =
          new Decider(
              DecideHarness.ROLLOUT,
              StatusCodec.read(StatusCodec.write(replayed.status())),
              Cells.of(replayed.cells().all()));
      for (Output output : replayed.step(Inputs.read(logged).orElseThrow())) {
        again.add(
            Outputs.write(
                DecideHarness.ROLLOUT,
                output,
                again.stream()
                    .filter(Command.class::isInstance)
                    .map(Command.class::cast)
                    .reduce((earlier, later) -> later)
                    .orElse(null)));
      }
    }
    assertThat(again.stream().filter(Verdict.class::isInstance).toList()).isEqualTo(serin.verdicts);
    assertThat(again.stream().filter(Command.class::isInstance).toList()).isEqualTo(serin.commands);
  }

  @Test
  void shouldForgetUnitsOfARunThatIsOver() {
    serin.apply("run-1", FILE);
    List<RequestEvent> first = new ArrayList<>();
    recordTraffic(first, 200, 0.1);
    first.forEach(serin::send);
    assertThat(serin.units()).hasSize(200);

    serin.apply("run-2", FILE);
    serin.advance(Duration.ofSeconds(30));
    assertThat(serin.units()).as("late events still find their unit").hasSize(200);
    serin.advance(Duration.ofHours(2));
    for (int i = 0; i < 20; i++) {
      serin.send(serin.request("n" + i).build());
    }
    serin.advance(Duration.ofSeconds(10));

    assertThat(serin.units()).hasSize(20).allMatch(key -> key.startsWith("assistant/run-2/"));
    assertThat(serin.changelogOfUnits())
        .as("what a lost store is restored from")
        .containsExactlyInAnyOrderElementsOf(serin.units());
    assertThat(serin.cells()).isNotEmpty().noneMatch(name -> name.contains("run-1"));
  }

  @Test
  void shouldKeepTheStoreOfUnitsBoundedOverManyRuns() {
    int most = 0;
    for (int run = 0; run < 8; run++) {
      serin.apply("run-" + run, FILE);
      for (int i = 0; i < 50; i++) {
        serin.send(serin.request("r" + run + "u" + i).build());
      }
      serin.advance(Duration.ofHours(1).plusMinutes(5));
      most = Math.max(most, serin.units().size());
    }

    assertThat(most).as("this run and the one before").isLessThanOrEqualTo(100);
  }

  @Test
  void shouldGoOnWithGreaterRevisionsWhenTheStateIsLost() {
    serin.apply("run-1", FILE);
    serin.ask(ActionKind.ROLLBACK, "k1");
    Command last = serin.newest();
    serin.close();

    serin = new DecideHarness(DecideHarness.temporary(), serin.now().plusSeconds(60));
    serin.oldCommand(last);
    serin.apply("run-1", FILE);

    assertThat(serin.newest().getRevision()).isGreaterThan(last.getRevision());
    assertThat(serin.newest().getState())
        .as("a rolled back run stays so")
        .isEqualTo(RolloutState.ROLLED_BACK);
    assertThat(serin.newest().getSplit()).isEqualTo(last.getSplit());
  }

  @Test
  void shouldKeepUnitsWhereTheyAreWhenTheCandidateGrows() {
    serin.apply("run-1", FILE);
    Command before = serin.newest();
    for (int i = 0; i < 50; i++) {
      serin.send(serin.request("u" + i).build());
    }
    serin.advance(Duration.ofHours(1).plusSeconds(1));
    Command after = serin.newest();

    assertThat(after.getStage()).isEqualTo(1);
    for (int i = 0; i < 2_000; i++) {
      if (DecideHarness.assigned(before, "x" + i).equals("candidate")) {
        assertThat(DecideHarness.assigned(after, "x" + i)).isEqualTo("candidate");
      }
    }
  }

  @Test
  void shouldNotAdvanceWithoutEvidence() {
    serin.apply("run-1", FILE);

    serin.advance(Duration.ofHours(2));

    assertThat(serin.newest().getStage()).isZero();
    assertThat(serin.eventKinds()).contains(EventKind.HELD);
  }

  @Test
  void shouldFreezeOnOneTripAndRollBackOnHalfOfTheLiveRouters() {
    serin.apply("run-1", FILE);
    for (String router : List.of("a", "b", "c")) {
      serin.heartbeat(router, 1);
    }

    serin.heartbeat("a", 1, "assistant/candidate");
    assertThat(serin.newest().getState()).isEqualTo(RolloutState.FROZEN);
    assertThat(serin.newest().getSplit()).hasSize(2);

    serin.heartbeat("b", 1, "assistant/candidate");
    assertThat(serin.newest().getState()).isEqualTo(RolloutState.ROLLED_BACK);
    assertThat(serin.newest().getCause()).contains("breaker");
  }

  @Test
  void shouldActOnceOnAnActionAndRefuseOneForAnotherRevision() {
    serin.apply("run-1", FILE);

    serin.ask(ActionKind.PAUSE, "k1");
    serin.ask(ActionKind.PAUSE, "k1");
    serin.ask(ActionKind.RESUME, "k2", action -> action.setExpectedRevision(1L));

    assertThat(serin.newest().getState()).isEqualTo(RolloutState.PAUSED);
    assertThat(serin.newest().getRevision()).isEqualTo(2);
    assertThat(serin.eventKinds())
        .containsExactly(
            EventKind.APPLIED, EventKind.STAGE_ENTERED, EventKind.PAUSED, EventKind.ACTION_REFUSED);
  }

  @Test
  void shouldRenewTheLeaseOfAnActiveRunWithTheSameRevision() {
    serin.apply("run-1", FILE);

    serin.advance(Duration.ofSeconds(40));

    assertThat(serin.commands).hasSizeGreaterThan(1);
    assertThat(serin.commands).extracting(Command::getRevision).containsOnly(1L);
    assertThat(serin.newest().getIssuedAt()).isAfter(serin.commands.getFirst().getIssuedAt());
  }

  @Test
  void shouldPromoteByAPersonAndStartAgainOnlyWithANewFile() {
    serin.apply("run-1", FILE);
    serin.ask(ActionKind.PROMOTE, "k1");
    serin.heartbeat("router-1", serin.newest().getRevision());
    serin.ask(ActionKind.PROMOTE, "k2");
    serin.heartbeat("router-1", serin.newest().getRevision());
    assertThat(serin.newest().getSplit())
        .as("100 % holds back 5 %")
        .containsExactly(new Slice("control", 0, 500), new Slice("candidate", 500, 10_000));
    serin.ask(ActionKind.PROMOTE, "k3");
    assertThat(serin.newest().getState()).isEqualTo(RolloutState.PROMOTED);
    assertThat(serin.newest().getSplit()).containsExactly(new Slice("candidate", 0, 10_000));

    serin.ask(ActionKind.ROLLBACK, "k4");
    serin.ask(ActionKind.RESUME, "k5");
    assertThat(serin.newest().getState()).isEqualTo(RolloutState.ROLLED_BACK);

    serin.apply("run-2", FILE);
    assertThat(serin.newest().getState()).isEqualTo(RolloutState.RUNNING);
    assertThat(serin.newest().getSalt()).isEqualTo("run-2");
  }

  private int failingCandidate(double rate, Random random, int most) {
    for (int i = 0; i < most; i++) {
      if (serin.newest().getState() == RolloutState.ROLLED_BACK) {
        return i;
      }
      RequestEvent.Builder request = serin.request("u" + i);
      boolean fails =
          request.getAssignedVariant().equals("candidate") && random.nextDouble() < rate;
      request.getMeasurement().setDurationMicros(latency(random));
      request.getMeasurement().setCompletionTokens(50L + random.nextInt(200));
      request.setClientDurationMicros(request.getMeasurement().getDurationMicros());
      serin.send(fails ? DecideHarness.failed(request) : request.build());
      serin.advance(Duration.ofMillis(20));
    }
    return most;
  }

  private void recordTraffic(List<RequestEvent> traffic, int units, double errors) {
    Random random = new Random(11);
    for (int i = 0; i < units; i++) {
      RequestEvent.Builder request = serin.request("u" + i);
      request.setEndedAt(serin.now().minusSeconds(random.nextInt(60)));
      traffic.add(random.nextDouble() < errors ? DecideHarness.failed(request) : request.build());
    }
  }

  /** What each guard says once everything was seen. */
  private List<Verdict> lastVerdicts() {
    serin.verdicts.clear();
    serin.advance(Duration.ofSeconds(10));
    List<Verdict> last = new ArrayList<>();
    for (Verdict verdict : serin.verdicts) {
      if (verdict.getMetric().equals("promotion")) {
        continue; // Says how long is to go, by the clock.
      }
      last.add(Verdict.newBuilder(verdict).setInputNumber(0).setId("").build());
    }
    assertThat(last).hasSize(7);
    return last;
  }

  /** Records an hour late teach no threshold of latency; counts of events are the same. */
  private static List<Verdict> eventGuards(List<Verdict> verdicts) {
    return verdicts.stream().filter(verdict -> verdict.getMetric().endsWith(".rate")).toList();
  }

  private static long latency(Random random) {
    return Math.round(100_000 * Math.exp(random.nextGaussian() / 2));
  }
}
