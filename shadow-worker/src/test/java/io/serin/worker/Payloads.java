package io.serin.worker;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RolloutState;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** Captured requests and the commands that they were captured under. */
final class Payloads {
  static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private Payloads() {}

  static CapturedPayload payload(String requestId) {
    return payload(requestId, change -> {});
  }

  static CapturedPayload payload(String requestId, Consumer<CapturedPayload> change) {
    CapturedPayload payload =
        CapturedPayload.newBuilder()
            .setRequestId(requestId)
            .setCapturedAt(NOON)
            .setRollout("assistant")
            .setRun("run-1")
            .setRevision(1)
            .setStage(0)
            .setUnit("unit-" + requestId)
            .setEndpoint("chat.completions")
            .setStreamed(false)
            .setRequestBody(body(false))
            .setAssignedVariant("control")
            .setServedVariant("control")
            .setServed(
                Measurement.newBuilder().setOutcome(Outcome.OK).setDurationMicros(9_000).build())
            .setServedText("Paris is the capital")
            .build();
    change.accept(payload);
    return payload;
  }

  static ByteBuffer body(boolean stream) {
    return bytes(
        "{\"model\":\"assistant\",\"stream\":"
            + stream
            + ",\"messages\":[{\"role\":\"user\",\"content\":\"capital of France?\"}]}");
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  static VariantTarget target(String name, VariantRole role, String url) {
    return VariantTarget.newBuilder()
        .setName(name)
        .setRole(role)
        .setUrl(url)
        .setModel(name + "-model")
        .build();
  }

  /** Shadowing on, candidate and control at the given URLs, without a budget. */
  static Command command(long revision, String candidateUrl, String controlUrl) {
    return Command.newBuilder()
        .setRollout("assistant")
        .setRevision(revision)
        .setRun("run-1")
        .setState(RolloutState.RUNNING)
        .setStage(0)
        .setStageName("shadow")
        .setVariants(
            List.of(
                target("control", VariantRole.CONTROL, controlUrl),
                target("candidate", VariantRole.CANDIDATE, candidateUrl)))
        .setSplit(List.of(new Slice("control", 0, 10_000)))
        .setSalt("salt")
        .setUnit(List.of("header:x-user-id"))
        .setShadow(
            ShadowPlan.newBuilder()
                .setSampleBasisPoints(10_000)
                .setMaxConcurrency(4)
                .setRequestsPerSecond(0)
                .setCandidates(List.of("candidate"))
                .build())
        .setDeadlines(new Deadlines(5_000, 20_000, 20_000, 30_000))
        .setLeaseMillis(0)
        .setCause("applied by ann")
        .setIssuedAt(NOON)
        .setClearsTrips(List.of())
        .build();
  }
}
