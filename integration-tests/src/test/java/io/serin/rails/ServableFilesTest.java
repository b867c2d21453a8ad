package io.serin.rails;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.modelcalls.Credentials;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.RolloutTables;
import io.serin.router.rollout.TripStore;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Slice;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the validator accepts, every router can serve: from the file to the router's own tables. */
class ServableFilesTest {
  private static final int FILES = Integer.getInteger("serin.fuzz.files", 2_000);
  private static final long START = 1_793_606_400_000L;
  private static final Map<String, String> ENVIRONMENT =
      RandomFiles.CREDENTIALS.stream().collect(Collectors.toMap(Function.identity(), k -> "key"));

  /** Each file goes through all of its stages by hand, then back. No part is ever refused. */
  @Test
  void shouldServeWhateverTheValidatorAccepts() {
    for (int seed = 0; seed < FILES; seed++) {
      String name = "rollout-" + seed;
      RandomFiles.Accepted file = new RandomFiles(new SplittableRandom(seed)).accepted(name);
      ControllerInMemory controller = new ControllerInMemory(name);
      RolloutTables router = router();
      long now = START;

      controller.apply("run-" + seed, file.text(), now);
      served(router, controller, seed, file);
      for (int step = 0; step <= file.file().stages().size(); step++) {
        now += 1_000;
        controller.step(acknowledged(controller), now);
        controller.step(action(name, ActionKind.PROMOTE, seed + "-promote-" + step), now);
        served(router, controller, seed, file);
      }
      RolloutState state = newest(controller).getState();
      controller.step(
          action(
              name,
              state == RolloutState.PROMOTED ? ActionKind.ROLLBACK : ActionKind.ABORT,
              seed + "-back"),
          now + 1_000);
      served(router, controller, seed, file);
      assertThat(newest(controller).getSplit())
          .as("seed %d", seed)
          .containsExactly(new Slice("control", 0, 10_000));
    }
  }

  private static RolloutTables router() {
    return new RolloutTables(
        new UnitHasher(new byte[16]),
        new Credentials(ENVIRONMENT),
        TripStore.none(),
        TripPolicy.DEFAULT);
  }

  private static void served(
      RolloutTables router, ControllerInMemory controller, int seed, RandomFiles.Accepted file) {
    Command command = newest(controller);
    router.adopt(command).toCompletableFuture().join();
    Rollout rollout = router.current().rollout(command.getRollout());

    assertThat(router.refused()).as("seed %d: %s", seed, file.text()).isEmpty();
    assertThat(rollout).as("seed %d", seed).isNotNull();
    assertThat(rollout.revision()).as("seed %d", seed).isEqualTo(command.getRevision());
    assertThat(rollout.unservable()).as("seed %d", seed).isEmpty();
    assertThat(rollout.controlStandsIn()).as("seed %d", seed).isFalse();
    assertThat(rollout.command()).as("seed %d: served as it is", seed).isSameAs(command);
  }

  private static Command newest(ControllerInMemory controller) {
    Command command = controller.serving();
    if (command == null) {
      throw new AssertionError("no command was written");
    }
    return command;
  }

  private static RouterAck acknowledged(ControllerInMemory controller) {
    Command command = newest(controller);
    return RouterAck.newBuilder()
        .setRouter("r1")
        .setIncarnation("i")
        .setAt(Instant.EPOCH)
        .setUrl("http://r1")
        .setRevisions(Map.of(command.getRollout(), command.getRevision()))
        .setBacklog(0)
        .setBacklogBytes(0)
        .setDropped(0)
        .build();
  }

  private static ActionRequest action(String rollout, ActionKind kind, String key) {
    return ActionRequest.newBuilder()
        .setRollout(rollout)
        .setKind(kind)
        .setWho("ann")
        .setAt(Instant.EPOCH)
        .setIdempotencyKey(key)
        .build();
  }

  /** The generator is not trivial: it reaches what files in the field hold. */
  @Test
  void shouldDrawFilesOfEveryKind() {
    List<RandomFiles.Accepted> files =
        java.util.stream.IntStream.range(0, 400)
            .mapToObj(seed -> new RandomFiles(new SplittableRandom(seed)).accepted("r"))
            .toList();

    assertThat(files).anyMatch(file -> file.text().contains("?api-version="));
    assertThat(files).anyMatch(file -> file.text().contains("my_model_1"));
    assertThat(files).anyMatch(file -> file.text().contains("meta-llama/"));
    assertThat(files).anyMatch(file -> file.file().variants().size() > 6);
    assertThat(files).anyMatch(file -> file.file().stages().size() > 5);
    assertThat(files).anyMatch(file -> file.file().guards().size() > 5);
    assertThat(files.stream().map(file -> file.file().strategy()).distinct()).hasSize(4);
  }
}
