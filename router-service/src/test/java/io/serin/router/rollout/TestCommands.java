package io.serin.router.rollout;

import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Commands for tests. */
final class TestCommands {

  private TestCommands() {}

  /** A running rollout "assistant" whose candidate owns the first half of the slots. */
  static Command command(long revision) {
    return command(revision, 5_000);
  }

  static Command command(long revision, int candidateSlots) {
    return Command.newBuilder()
        .setRollout("assistant")
        .setRevision(revision)
        .setRun("run-1")
        .setState(RolloutState.RUNNING)
        .setStage(0)
        .setStageName("test")
        .setVariants(
            new ArrayList<>(
                List.of(
                    variant("control", VariantRole.CONTROL, "http://localhost:1/v1"),
                    variant("candidate", VariantRole.CANDIDATE, "http://localhost:2/v1"))))
        .setSplit(split(candidateSlots))
        .setSalt("salt")
        .setUnit(List.of("body:user"))
        .setDeadlines(new Deadlines(1, 1, 1, 1))
        .setLeaseMillis(0)
        .setCause("a test")
        .setIssuedAt(Instant.EPOCH)
        .build();
  }

  static VariantTarget variant(String name, VariantRole role, String url) {
    return VariantTarget.newBuilder().setName(name).setRole(role).setUrl(url).build();
  }

  static List<Slice> split(int candidateSlots) {
    List<Slice> split = new ArrayList<>();
    if (candidateSlots > 0) {
      split.add(new Slice("candidate", 0, candidateSlots));
    }
    if (candidateSlots < 10_000) {
      split.add(new Slice("control", candidateSlots, 10_000));
    }
    return split;
  }
}
