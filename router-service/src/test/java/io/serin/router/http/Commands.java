package io.serin.router.http;

import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.RolloutState;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Commands for tests. */
final class Commands {

  private Commands() {}

  /** A rollout "assistant" of control and candidate, the candidate owning the first slots. */
  static Command assistant(
      long revision, String controlUrl, String candidateUrl, int candidateSlots) {
    return Command.newBuilder()
        .setRollout("assistant")
        .setRevision(revision)
        .setRun("run-1")
        .setState(RolloutState.RUNNING)
        .setStage(1)
        .setStageName("test")
        .setVariants(
            new ArrayList<>(
                List.of(
                    variant("control", VariantRole.CONTROL, controlUrl, "old-model"),
                    variant("candidate", VariantRole.CANDIDATE, candidateUrl, "new-model"))))
        .setSplit(split(candidateSlots))
        .setSalt("salt-1")
        .setUnit(List.of("header:x-user-id", "body:user"))
        .setDeadlines(new Deadlines(500, 1_000, 1_000, 5_000))
        .setLeaseMillis(0)
        .setCause("a test")
        .setIssuedAt(Instant.EPOCH)
        .build();
  }

  static Command withShadow(Command command, int basisPoints) {
    command.setShadow(new ShadowPlan(basisPoints, 1, 0.0, 0, List.of("candidate")));
    return command;
  }

  private static VariantTarget variant(String name, VariantRole role, String url, String model) {
    return new VariantTarget(name, role, url, model, null, Map.of(), null);
  }

  private static List<Slice> split(int candidateSlots) {
    if (candidateSlots == 0) {
      return List.of(new Slice("control", 0, 10_000));
    }
    if (candidateSlots == 10_000) {
      return List.of(new Slice("candidate", 0, 10_000));
    }
    return List.of(
        new Slice("candidate", 0, candidateSlots), new Slice("control", candidateSlots, 10_000));
  }
}
