package io.serin.router.http;

import io.serin.schemas.CaptureMode;
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
        .setDeadlines(new Deadlines(10_000, 20_000, 20_000, 60_000))
        .setLeaseMillis(0)
        .setCause("a test")
        .setIssuedAt(Instant.EPOCH)
        .build();
  }

  /** The same, with deadlines that a test can wait for. */
  static Command impatient(Command command) {
    command.setDeadlines(new Deadlines(10_000, 1_500, 1_500, 60_000));
    return command;
  }

  static Command withShadow(Command command, int basisPoints) {
    command.setShadow(
        ShadowPlan.newBuilder()
            .setSampleBasisPoints(basisPoints)
            .setMaxConcurrency(1)
            .setRequestsPerSecond(0.0)
            .setCandidates(List.of("candidate"))
            .setCapture(CaptureMode.PAYLOADS)
            .setRedactPatterns(List.of())
            .build());
    return command;
  }

  private static VariantTarget variant(String name, VariantRole role, String url, String model) {
    return VariantTarget.newBuilder()
        .setName(name)
        .setRole(role)
        .setUrl(url)
        .setModel(model)
        .setHeaders(Map.of())
        .build();
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
