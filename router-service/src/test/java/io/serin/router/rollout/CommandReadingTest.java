package io.serin.router.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.modelcalls.Credentials;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.RefusedPart;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is left of a command that a router cannot serve whole: taking share away always works. */
class CommandReadingTest {

  private static final String UNSERVABLE = "http://localhost:99999/v1";

  private RolloutTables tables = tables();

  @Test
  void shouldGiveAnUnservableCandidateNothing() {
    adopt(TestCommands.command(1));
    Command update = TestCommands.command(2, 500);
    update.getVariants().get(1).setUrl(UNSERVABLE);

    adopt(update);

    assertThat(serving().revision()).isEqualTo(2);
    assertThat(share("candidate")).isZero();
    assertThat(tables.refused()).extracting(RefusedPart::getVariant).containsExactly("candidate");
    assertThat(tables.refused().getFirst().getReason())
        .contains("variants.candidate.url")
        .contains(UNSERVABLE);
  }

  @Test
  void shouldObeyARollbackThatNamesAnUnservableCandidate() {
    adopt(TestCommands.command(1));
    Command rollback = TestCommands.command(2, 0);
    rollback.setState(RolloutState.ROLLED_BACK);
    rollback.getVariants().get(1).setUrl(UNSERVABLE);

    adopt(rollback);

    assertThat(serving().command().getState()).isEqualTo(RolloutState.ROLLED_BACK);
    assertThat(share("candidate")).isZero();
  }

  @Test
  void shouldKeepTheLastGoodControlAndObeyALowerShare() {
    adopt(TestCommands.command(1));
    Command update = TestCommands.command(2, 500);
    update.getVariants().get(0).setUrl(UNSERVABLE);

    adopt(update);

    assertThat(serving().control().addresses().getFirst().port()).isEqualTo(1);
    assertThat(serving().controlStandsIn()).isTrue();
    assertThat(share("candidate")).isEqualTo(500);
    assertThat(tables.refused()).extracting(RefusedPart::getVariant).containsExactly("control");
  }

  @Test
  void shouldNotRaiseAShareBesideAControlThatStandsIn() {
    adopt(TestCommands.command(1, 500));
    Command update = TestCommands.command(2, 5_000);
    update.getVariants().get(0).setUrl(UNSERVABLE);

    adopt(update);

    assertThat(share("candidate")).isEqualTo(500);
    assertThat(serving().command().getSplit()).isEqualTo(TestCommands.split(500));
  }

  @Test
  void shouldGiveTheCandidateOfANewRunNothingBesideAControlThatStandsIn() {
    adopt(TestCommands.command(1));
    Command update = TestCommands.command(2);
    update.setRun("run-2");
    update.getVariants().get(0).setUrl(UNSERVABLE);

    adopt(update);

    assertThat(share("candidate")).isZero();
  }

  @Test
  void shouldServeTheCommandWholeOnceItIsServable() {
    adopt(TestCommands.command(1));
    Command update = TestCommands.command(2);
    update.getVariants().get(0).setUrl(UNSERVABLE);
    adopt(update);

    adopt(TestCommands.command(3));

    assertThat(tables.refused()).isEmpty();
    assertThat(tables.standIns()).isEmpty();
    assertThat(serving().controlStandsIn()).isFalse();
    assertThat(share("candidate")).isEqualTo(5_000);
  }

  @Test
  void shouldRefuseACandidateWithoutItsCredential() {
    Command command = TestCommands.command(1);
    command.getVariants().get(1).setCredential("env:MISSING");

    adopt(command);

    assertThat(share("candidate")).isZero();
    assertThat(tables.refused().getFirst().getReason())
        .isEqualTo(
            "variants.candidate.credential: env:MISSING is not set; set the variable and restart"
                + " the service that reads it");
  }

  @Test
  void shouldRefuseAFileThatTheOperatorDidNotOffer() {
    Command command = TestCommands.command(1);
    command.getVariants().get(1).setCredential("file:/etc/passwd");

    adopt(command);

    assertThat(share("candidate")).isZero();
    assertThat(tables.refused().getFirst().getReason())
        .isEqualTo(
            "variants.candidate.credential: file:/etc/passwd cannot be read: no folder of"
                + " credentials is set; name it by SERIN_CREDENTIAL_FOLDER");
  }

  @Test
  void shouldServeControlEvenWithoutItsCredentialWhereNothingServedBefore() {
    Command command = TestCommands.command(1);
    command.getVariants().get(0).setCredential("env:MISSING");

    adopt(command);

    assertThat(serving().control().addresses().getFirst().port()).isEqualTo(1);
    assertThat(tables.refused()).hasSize(1);
  }

  @Test
  void shouldServeWhatIsRightOfACommandWithWrongDeadlinesAndUnits() {
    Command command = TestCommands.command(1);
    command.setDeadlines(new Deadlines(1_000, 0, 1_000, 1_000));
    command.setUnit(List.of("cookie:x", "body:user"));

    adopt(command);

    assertThat(share("candidate")).isEqualTo(5_000);
    assertThat(serving().command().getDeadlines().getFirstByte()).isPositive();
    assertThat(tables.refused()).hasSize(2);
  }

  @Test
  void shouldGiveControlTheSlotsOfASplitThatCannotBeRead() {
    adopt(TestCommands.command(1));
    Command gap = TestCommands.command(2);
    gap.setSplit(List.of(new Slice("candidate", 0, 100), new Slice("control", 200, 10_000)));

    adopt(gap);

    assertThat(share("candidate")).isZero();
    assertThat(serving().assigner().split().variants()).containsExactly("control");
  }

  /**
   * Any commands, with any parts unservable, in any order, with restarts from the disk's commands:
   * no variant ever has more than the newest command gives it, and control always serves.
   */
  @Test
  void shouldNeverGiveAVariantMoreThanTheNewestCommand() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      tables = tables();
      Command newest = TestCommands.command(1, random.nextInt(10_001));
      adopt(newest);
      for (int revision = 2; revision < 30; revision++) {
        Command next = anything(random, revision);
        if (random.nextInt(6) > 0) {
          newest = next;
          adopt(newest);
        }
        if (random.nextInt(4) == 0) {
          restart(newest);
        }
        int commanded = share(newest.getSplit(), "candidate");
        assertThat(share("candidate"))
            .as("seed %d, revision %d: %s as %s", seed, revision, newest, serving())
            .isLessThanOrEqualTo(commanded);
        assertThat(serving().control().addresses()).as("seed %d", seed).isNotEmpty();
        assertThat(serving().control().addresses().getFirst().port()).isLessThan(65_536);
        assertThat(serving().revision()).isEqualTo(newest.getRevision());
      }
    }
  }

  private static Command anything(Random random, long revision) {
    int candidate =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> 10_000;
          default -> random.nextInt(10_001);
        };
    Command command = TestCommands.command(revision, candidate);
    command.setRun("run-" + random.nextInt(2));
    RolloutState[] states = RolloutState.values();
    command.setState(states[random.nextInt(states.length)]);
    command
        .getVariants()
        .forEach(
            target -> {
              switch (random.nextInt(8)) {
                case 0 -> target.setUrl(UNSERVABLE);
                case 1 -> target.setUrl("ftp://localhost/v1");
                case 2 -> target.setCredential("env:MISSING");
                case 3 -> target.setMaxConcurrency(-1);
                case 4 -> target.setExtraBody("{no json");
                case 5 -> target.setRole(VariantRole.UNKNOWN);
                default -> {}
              }
            });
    switch (random.nextInt(8)) {
      case 0 -> command.setDeadlines(new Deadlines(0, -1, 1, 1));
      case 1 -> command.setUnit(List.of("nothing"));
      case 2 -> command.getVariants().remove(random.nextInt(2));
      case 3 -> command.getVariants().add(command.getVariants().get(random.nextInt(2)));
      default -> {}
    }
    return command;
  }

  private void restart(Command newest) {
    List<Command> disk = new ArrayList<>(tables.standIns());
    disk.add(newest);
    Variant before = serving().control();
    tables = tables();
    disk.forEach(this::adopt);
    if (disk.size() > 1) {
      assertThat(serving().control()).as("the last good control").isEqualTo(before);
    }
  }

  private void adopt(Command command) {
    tables.adopt(command).toCompletableFuture().join();
  }

  private Rollout serving() {
    return Objects.requireNonNull(tables.current().rollout("assistant"));
  }

  /** Slots whose requests the variant gets on this router. */
  private int share(String variant) {
    Rollout rollout = serving();
    Variant served = rollout.variants().get(variant);
    if (served == null || tables.current().removed("assistant", served)) {
      return 0;
    }
    return share(rollout.command().getSplit(), variant);
  }

  private static int share(List<Slice> split, String variant) {
    return split.stream()
        .filter(slice -> slice.getVariant().equals(variant))
        .mapToInt(slice -> slice.getTo() - slice.getFrom())
        .sum();
  }

  private static RolloutTables tables() {
    return new RolloutTables(
        new UnitHasher(new byte[16]),
        new Credentials(Map.of()),
        TripStore.none(),
        TripPolicy.DEFAULT);
  }
}
