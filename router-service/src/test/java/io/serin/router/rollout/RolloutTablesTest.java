package io.serin.router.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.modelcalls.Credentials;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.Command;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutTablesTest {

  private final Deque<Runnable> slowLoop = new ArrayDeque<>();
  private final List<Long> adopted = new ArrayList<>();

  @Test
  void shouldCompleteAnAdoptionOnlyWhenEveryLoopHasIt() {
    RolloutTables tables = tables(TripStore.none());
    tables.addLoop(Runnable::run, table -> {});
    tables.addLoop(slowLoop::add, table -> adopted.add(table.version()));

    CompletionStage<Void> adoption = tables.adopt(TestCommands.command(1));
    CompletionStage<Void> again = tables.adopt(TestCommands.command(1));

    assertThat(adoption.toCompletableFuture()).isNotDone();
    assertThat(again.toCompletableFuture())
        .as("the same revision is not there earlier")
        .isNotDone();
    runSlowLoop();
    assertThat(adoption.toCompletableFuture()).isCompleted();
    assertThat(again.toCompletableFuture()).isCompleted();
    assertThat(adopted).isSorted();
  }

  @Test
  void shouldGiveALoopThatComesLaterTheCurrentTable() {
    RolloutTables tables = tables(TripStore.none());
    tables.adopt(TestCommands.command(1)).toCompletableFuture().join();

    tables.addLoop(
        Runnable::run, table -> table.all().forEach(rollout -> adopted.add(rollout.revision())));

    assertThat(adopted).containsExactly(1L);
  }

  @Test
  void shouldRememberTripsAndForcesOverARestart(@TempDir Path folder) {
    try (TripFile file = new TripFile(folder.resolve("trips"))) {
      RolloutTables tables = tables(file);
      tables.adopt(TestCommands.command(1)).toCompletableFuture().join();
      tables.trip("assistant", "candidate").toCompletableFuture().join();
      tables.force("other", true).toCompletableFuture().join();
    }
    try (TripFile file = new TripFile(folder.resolve("trips"))) {
      RolloutTables tables = tables(file);

      assertThat(tables.trips()).containsExactly("assistant/candidate");
      assertThat(tables.current().forced()).containsExactly("other");
      tables.adopt(TestCommands.command(2)).toCompletableFuture().join();
      assertThat(tables.trips()).as("only a command that names it clears a trip").isNotEmpty();
      Command clearing = TestCommands.command(3);
      clearing.setClearsTrips(List.of("candidate"));
      tables.adopt(clearing).toCompletableFuture().join();
      assertThat(tables.trips()).isEmpty();
    }
    try (TripFile file = new TripFile(folder.resolve("trips"))) {
      assertThat(tables(file).trips()).isEmpty();
    }
  }

  /** A person's precaution on one router must not count as that router's word on the candidate. */
  @Test
  void shouldNotCountAForceAsATrip() {
    RolloutTables tables = tables(TripStore.none());
    tables.adopt(TestCommands.command(1)).toCompletableFuture().join();

    tables.force("assistant", true).toCompletableFuture().join();

    assertThat(tables.trips()).isEmpty();
    assertThat(tables.forced()).containsExactly("assistant");
  }

  @Test
  void shouldTellEachChangeOfWhatIsRemovedOnce() {
    RolloutTables tables = tables(TripStore.none());
    List<String> told = new ArrayList<>();
    tables.onRemoval(() -> told.addAll(tables.trips()));

    tables.trip("assistant", "candidate").toCompletableFuture().join();
    tables.trip("assistant", "candidate").toCompletableFuture().join();
    tables.adopt(TestCommands.command(1)).toCompletableFuture().join();

    assertThat(told).containsExactly("assistant/candidate");
  }

  /** A person who applies a file after a trip wants the candidate to be served. */
  @Test
  void shouldGiveTheCandidatesOfANewRunANewChance(@TempDir Path folder) {
    try (TripFile file = new TripFile(folder.resolve("trips"))) {
      RolloutTables tables = tables(file);
      tables.adopt(TestCommands.command(1)).toCompletableFuture().join();
      tables.trip("assistant", "candidate").toCompletableFuture().join();
      Command next = TestCommands.command(2);
      next.setRun("run-2");

      tables.adopt(next).toCompletableFuture().join();

      assertThat(tables.trips()).isEmpty();
    }
    try (TripFile file = new TripFile(folder.resolve("trips"))) {
      assertThat(tables(file).trips()).as("after a restart").isEmpty();
    }
  }

  @Test
  void shouldClearATripOfARunThatEndedWhileTheRouterWasDown(@TempDir Path folder) {
    try (TripFile file = new TripFile(folder.resolve("trips"))) {
      RolloutTables tables = tables(file);
      tables.adopt(TestCommands.command(1)).toCompletableFuture().join();
      tables.trip("assistant", "candidate").toCompletableFuture().join();
    }
    try (TripFile file = new TripFile(folder.resolve("trips"))) {
      RolloutTables tables = tables(file);
      Command next = TestCommands.command(7);
      next.setRun("run-2");

      tables.adopt(next).toCompletableFuture().join();

      assertThat(tables.trips()).isEmpty();
    }
  }

  @Test
  void shouldNotHoldTheFailuresOfAnEarlierRunAgainstANewOne() {
    RolloutTables tables = tables(TripStore.none());
    tables.adopt(TestCommands.command(1)).toCompletableFuture().join();
    Rollout earlier = Objects.requireNonNull(tables.current().rollout("assistant"));
    Command next = TestCommands.command(2);
    next.setRun("run-2");
    tables.adopt(next).toCompletableFuture().join();
    Rollout now = Objects.requireNonNull(tables.current().rollout("assistant"));

    fail(tables, earlier);
    assertThat(tables.trips()).as("they began before it").isEmpty();

    fail(tables, now);
    assertThat(tables.trips()).containsExactly("assistant/candidate");
  }

  private static void fail(RolloutTables tables, Rollout startedUnder) {
    for (int i = 0; i < 12; i++) {
      tables.controlEnded(startedUnder, false);
      tables.candidateEnded(startedUnder, "candidate", "unit-" + i, "sender", true);
    }
  }

  private void runSlowLoop() {
    while (!slowLoop.isEmpty()) {
      slowLoop.removeFirst().run();
    }
  }

  private static RolloutTables tables(TripStore store) {
    return new RolloutTables(
        new UnitHasher(new byte[16]), new Credentials(Map.of()), store, TripPolicy.DEFAULT);
  }
}
