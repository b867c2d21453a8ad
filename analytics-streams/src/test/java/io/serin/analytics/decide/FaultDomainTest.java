package io.serin.analytics.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.controller.Decider;
import io.serin.analytics.controller.Input;
import io.serin.analytics.controller.Output;
import io.serin.schemas.ActionKind;
import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.EventId;
import io.serin.schemas.EventKind;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Revisions;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Slice;
import io.serin.schemas.StepFailure;
import io.serin.schemas.Tick;
import io.serin.schemas.VariantTarget;
import io.serin.schemas.Verdict;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One rollout is one fault domain: whatever happens to it, all others decide as without it. */
class FaultDomainTest {
  private static final int ROLLOUTS = 50;
  private static final String CULPRIT = "rollout-0";
  private static final String FILE =
      """
      rollout: %s
      variants:
        control: {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      stages:
        - {weight: 50%%, for: 10m, until: time}
        - {weight: 100%%, bake: 1h}
      lease: 60s
      missingData: {after: 3h}
      """;

  /** How the culprit's step fails. */
  private enum Fault {
    NONE,
    THROWS,
    OVERFLOWS_THE_STACK,
    GIVES_A_HUGE_RECORD;

    List<Output> step(Decider decider, Input input) {
      List<Output> outputs = decider.step(input);
      String run = decider.status().runId();
      if (!(input instanceof Input.Observed) || !(CULPRIT + "-run").equals(run)) {
        return outputs;
      }
      return switch (this) {
        case NONE -> outputs;
        case THROWS -> throw new IllegalStateException("a fault of the judge");
        case OVERFLOWS_THE_STACK -> throw new StackOverflowError();
        case GIVES_A_HUGE_RECORD -> List.of(told("x".repeat(1_100_000)));
      };
    }

    private static Output told(String text) {
      return new Output.Event(EventKind.FLAGGED, CULPRIT + "-run", 1, 0, "", 0, text, Map.of());
    }
  }

  @ParameterizedTest
  @EnumSource(value = Fault.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void shouldDecideForAllOthersAsIfNothingHappenedWhenOneRolloutFails(Fault fault) {
    try (DecideHarness undisturbed = new DecideHarness(Fault.NONE::step);
        DecideHarness disturbed = new DecideHarness(fault::step)) {
      traffic(undisturbed);
      traffic(disturbed);

      assertThat(others(disturbed)).isNotEmpty().isEqualTo(others(undisturbed));
      assertThat(rolledBack(disturbed)).isNotEmpty();
      assertThat(disturbed.newest(CULPRIT).getState()).isEqualTo(RolloutState.FAILED);
      assertThat(disturbed.newest(CULPRIT).getSplit())
          .containsExactly(new Slice("control", 0, 10_000));
      assertThat(disturbed.newest(CULPRIT).getVariants())
          .extracting(VariantTarget::getName)
          .containsExactly("control");
      assertThat(disturbed.meters.get("serin.rollouts.failed").tag("rollout", CULPRIT).counter())
          .satisfies(counter -> assertThat(counter.count()).isEqualTo(1));
    }
  }

  /** Every rollout gets the same requests; the candidate of every fifth one is bad. */
  private static void traffic(DecideHarness serin) {
    for (int i = 0; i < ROLLOUTS; i++) {
      serin.apply("rollout-" + i, "rollout-" + i + "-run", FILE.formatted("rollout-" + i));
    }
    List<Random> luck = new ArrayList<>();
    for (int i = 0; i < ROLLOUTS; i++) {
      luck.add(new Random(i));
    }
    for (int n = 0; n < 60; n++) {
      for (int i = 0; i < ROLLOUTS; i++) {
        RequestEvent.Builder request = serin.request(serin.newest("rollout-" + i), "unit-" + n);
        boolean bad =
            i % 5 == 1
                && request.getAssignedVariant().equals("candidate")
                && luck.get(i).nextDouble() < 0.9;
        serin.send(bad ? DecideHarness.failed(request) : request.build());
      }
    }
    serin.advance(Duration.ofSeconds(11));
  }

  private static List<SpecificRecord> others(DecideHarness serin) {
    return Stream.<SpecificRecord>concat(serin.commands.stream(), serin.verdicts.stream())
        .filter(
            record ->
                !(record instanceof Command command && command.getRollout().equals(CULPRIT))
                    && !(record instanceof Verdict verdict && verdict.getRollout().equals(CULPRIT)))
        .toList();
  }

  private static List<Command> rolledBack(DecideHarness serin) {
    return serin.commands.stream()
        .filter(command -> command.getState() == RolloutState.ROLLED_BACK)
        .toList();
  }

  @Test
  void shouldKeepTheInputThatCouldNotBeActedOnAndReplayTheFailure() throws IOException {
    try (DecideHarness serin = failing()) {
      RolloutEvent event = serin.event(EventKind.FAILED);
      assertThat(event.getText()).contains("a fault of the judge", "All units go to control");
      DecisionInput last =
          serin.inputs.stream()
              .filter(input -> input.getInput() instanceof StepFailure)
              .findFirst()
              .orElseThrow();
      StepFailure failure = (StepFailure) last.getInput();
      assertThat(failure.getInputType()).isEqualTo("Observation");
      assertThat(KeptInput.read(failure.getInput()).getRollout()).isEqualTo(CULPRIT);

      VerdictReplay replay =
          new VerdictReplay(
              CULPRIT,
              RecordCursor.of(serin.verdicts),
              RecordCursor.of(serin.commands),
              line -> {});
      serin.inputs.forEach(replay::input);
      assertThat(replay.end().equal()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ActionKind.class,
      names = {"ROLLBACK", "ABORT", "RETIRE"})
  void shouldObeyAPersonAfterAFailure(ActionKind kind) {
    try (DecideHarness serin = failing()) {
      serin.ask(CULPRIT, kind, "by-hand");

      assertThat(serin.newest(CULPRIT).getCauseId()).isEqualTo("by-hand");
      assertThat(serin.newest(CULPRIT).getState())
          .isEqualTo(
              switch (kind) {
                case ROLLBACK -> RolloutState.ROLLED_BACK;
                case ABORT -> RolloutState.ABORTED;
                default -> RolloutState.RETIRED;
              });
      assertThat(serin.newest(CULPRIT).getSplit()).containsExactly(new Slice("control", 0, 10_000));
    }
  }

  @Test
  void shouldBeginANewRunWithANewFileAfterAFailure() {
    try (DecideHarness serin = failing()) {
      serin.apply(CULPRIT, "corrected", FILE.formatted(CULPRIT));

      assertThat(serin.newest(CULPRIT).getState()).isEqualTo(RolloutState.RUNNING);
      assertThat(serin.newest(CULPRIT).getRun()).isEqualTo("corrected");
      assertThat(serin.newest(CULPRIT).getVariants()).hasSize(2);
    }
  }

  private static DecideHarness failing() {
    DecideHarness serin = new DecideHarness(Fault.THROWS::step);
    serin.apply(CULPRIT, CULPRIT + "-run", FILE.formatted(CULPRIT));
    serin.send(serin.request(serin.newest(CULPRIT), "unit-1").build());
    assertThat(serin.newest(CULPRIT).getState()).isEqualTo(RolloutState.FAILED);
    return serin;
  }

  @Test
  void shouldSendARolloutToControlWhenItsKeptStateCannotBeRead() {
    boolean[] fails = {false};
    Decisions.Steps steps =
        (decider, input) -> {
          if (fails[0] && input instanceof Input.Observed) {
            throw new IllegalStateException("a fault of the judge");
          }
          return decider.step(input);
        };
    try (DecideHarness serin = new DecideHarness(steps)) {
      serin.apply("run-1", FILE.formatted(DecideHarness.ROLLOUT));
      Command before = serin.newest();
      serin.oldCommand(before);
      serin.spoilState();
      fails[0] = true;

      serin.send(serin.request("unit-1").build());

      assertThat(serin.newest().getState()).isEqualTo(RolloutState.FAILED);
      assertThat(serin.newest().getRevision()).isGreaterThan(before.getRevision());
      assertThat(serin.newest().getSplit()).containsExactly(new Slice("control", 0, 10_000));
      serin.advance(Duration.ofSeconds(1));
      serin.ask(ActionKind.RETIRE, "over");
      assertThat(serin.newest().getState()).isEqualTo(RolloutState.RETIRED);
    }
  }

  @Test
  void shouldStartWithAStateThatCannotBeReadAndNameIt() {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE.formatted(DecideHarness.ROLLOUT));
      serin.spoilState();

      DeciderStore restarted = new DeciderStore(serin.decisions());

      assertThat(restarted.drainUnreadable()).containsOnlyKeys(DecideHarness.ROLLOUT);
      assertThat(restarted.all()).isEmpty();
    }
  }

  static Stream<Topic> read() {
    return Stream.of(
        Topics.REQUESTS,
        Topics.FEEDBACK,
        Topics.SHADOW_RESULTS,
        Topics.ACTIONS,
        Topics.ROLLOUTS,
        Topics.ACKS,
        Topics.COMMANDS);
  }

  @ParameterizedTest
  @MethodSource("read")
  void shouldSkipPoisonOnEveryTopicAndRollBackByHand(Topic topic) {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE.formatted(DecideHarness.ROLLOUT));

      serin.poison(topic, new byte[0]);
      serin.poison(topic, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
      serin.poison(topic, new byte[] {0, 0, 0, 0, 1, 0, 0});
      serin.poison(topic, null);
      serin.poison(topic, serin.bytes(topic, new Tick(Instant.EPOCH)));
      serin.advance(Duration.ofSeconds(11));

      serin.ask(ActionKind.ROLLBACK, "by-hand");
      assertThat(serin.newest().getState()).isEqualTo(RolloutState.ROLLED_BACK);
    }
  }

  /** A router that starts reads the topic's newest record: it must be a command. */
  @Test
  void shouldWriteItsCommandAgainOverWhatNobodyCanRead() {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE.formatted(DecideHarness.ROLLOUT));
      serin.heartbeat("r1", serin.newest().getRevision());
      serin.advance(Duration.ofSeconds(6));
      Command implausible =
          Command.newBuilder(serin.newest()).setRevision(Revisions.GREATEST + 1).build();
      List<byte @Nullable []> unreadable =
          Arrays.asList(
              new byte[] {1, 2, 3},
              null,
              serin.bytes(Topics.COMMANDS, new Tick(Instant.EPOCH)),
              serin.bytes(Topics.COMMANDS, implausible));
      for (byte[] each : unreadable) {
        int before = serin.commands.size();
        serin.poison(Topics.COMMANDS, DecideHarness.ROLLOUT, each);

        serin.advance(Duration.ofSeconds(6));

        assertThat(serin.commands).hasSizeGreaterThan(before);
        assertThat(serin.newest().getState()).isEqualTo(RolloutState.RUNNING);
        assertThat(serin.newest().getVariants()).hasSize(2);
      }
      serin.ask(ActionKind.ROLLBACK, "by-hand");
      assertThat(serin.newest().getState()).isEqualTo(RolloutState.ROLLED_BACK);
      assertThat(serin.newest().getRevision()).isLessThan(100);
    }
  }

  @Test
  void shouldLetADeletionOfARetiredRolloutStand() {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE.formatted(DecideHarness.ROLLOUT));
      serin.ask(ActionKind.ABORT, "over");
      serin.ask(ActionKind.RETIRE, "retired");
      serin.poison(Topics.COMMANDS, DecideHarness.ROLLOUT, null);
      int before = serin.commands.size();

      serin.advance(Duration.ofMinutes(1));

      assertThat(serin.commands).hasSize(before);
    }
  }

  /** A router that does not exist acknowledges a revision after which there is none. */
  @Test
  void shouldRollBackAfterAnAcknowledgementOfTheGreatestRevision() {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE.formatted(DecideHarness.ROLLOUT));
      serin.heartbeat("r1", Long.MAX_VALUE);

      serin.ask(ActionKind.ROLLBACK, "by-hand");

      assertThat(serin.newest().getState()).isEqualTo(RolloutState.ROLLED_BACK);
      assertThat(serin.newest().getRevision()).isBetween(1L, 100L);
    }
  }

  /** Of a rollout that never was: nothing fails again and again. */
  @Test
  void shouldContinueFromACommandWhoseSplitCannotBeRead() {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE.formatted(DecideHarness.ROLLOUT));
      Command overlapping =
          Command.newBuilder(serin.newest())
              .setRollout("overlap")
              .setSplit(List.of(new Slice("candidate", -5, 20_000), new Slice("control", 0, 1)))
              .build();
      serin.poison(Topics.COMMANDS, "overlap", serin.bytes(Topics.COMMANDS, overlapping));

      serin.ask("overlap", ActionKind.ROLLBACK, "by-hand");
      serin.ask("overlap", ActionKind.ABORT, "by-hand-too");

      assertThat(serin.meters.find("serin.rollouts.failed").counter()).isNull();
      assertThat(serin.eventKinds()).contains(EventKind.ACTION_REFUSED);
    }
  }

  /** The rules grew stricter: what was accepted by an earlier version is not read any more. */
  @Test
  void shouldFailOnlyTheRolloutWhoseStoredFileIsNotValidAnyMore() {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE.formatted(DecideHarness.ROLLOUT));
      serin.apply("other", "other-run", FILE.formatted("other"));
      serin.editState(DecideHarness.ROLLOUT, "bake: 1h", "bake: ?h");

      DeciderStore restarted = new DeciderStore(serin.decisions());

      assertThat(restarted.drainUnreadable()).containsOnlyKeys(DecideHarness.ROLLOUT);
      assertThat(restarted.all()).containsOnlyKeys("other");
    }
  }

  @Test
  void shouldCountAndSkipAnEventWithANegativeSequenceOrOfHugeValues() {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE.formatted(DecideHarness.ROLLOUT));
      serin.send(serin.request("unit-1").setId(new EventId("router-1", 0, -1L)).build());
      serin.send(serin.request("unit-2").setAssignedVariant("v".repeat(900_000)).build());

      assertThat(serin.meters.get("serin.records.skipped").tag("topic", Topics.REQUESTS.name()))
          .satisfies(found -> assertThat(found.counter().count()).isEqualTo(2));
      assertThat(serin.newest().getState()).isEqualTo(RolloutState.RUNNING);
    }
  }
}
