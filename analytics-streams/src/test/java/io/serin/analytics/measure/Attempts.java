package io.serin.analytics.measure;

import io.serin.schemas.EventId;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Slice;
import io.serin.schemas.Why;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** Events of a router, numbered as its journal would number them. */
final class Attempts {
  static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final String incarnation;
  private long sequence;

  Attempts(String incarnation) {
    this.incarnation = incarnation;
  }

  /** A request that the assigned variant answered well in 120 ms, with 40 ms to the first byte. */
  RequestEvent request(String requestId, String variant, Instant endedAt) {
    return request(requestId, variant, endedAt, change -> {});
  }

  RequestEvent request(
      String requestId, String variant, Instant endedAt, Consumer<RequestEvent> change) {
    RequestEvent event =
        RequestEvent.newBuilder()
            .setId(id())
            .setRequestId(requestId)
            .setAttempt(1)
            .setLast(true)
            .setStartedAt(endedAt.minusMillis(120))
            .setEndedAt(endedAt)
            .setRouter("router-1")
            .setRollout("assistant")
            .setRun("run-1")
            .setRevision(3)
            .setStage(1)
            .setStageName("5%")
            .setSplit(List.of(new Slice("candidate", 0, 500), new Slice("control", 500, 10_000)))
            .setUnit("unit-" + requestId)
            .setAssignedVariant(variant)
            .setServedVariant(variant)
            .setWhy(Why.ASSIGNED)
            .setEndpoint("chat.completions")
            .setStreamed(true)
            .setMeasurement(ok())
            .setClientOutcome(Outcome.OK)
            .setClientStatus(200)
            .build();
    change.accept(event);
    return event;
  }

  FeedbackEvent feedback(String requestId, String variant, String kind, double value, Instant at) {
    return FeedbackEvent.newBuilder()
        .setId(id())
        .setRequestId(requestId)
        .setKind(kind)
        .setValue(value)
        .setReceivedAt(at)
        .setRollout("assistant")
        .setRun("run-1")
        .setStage(1)
        .setUnit("unit-" + requestId)
        .setAssignedVariant(variant)
        .setServedVariant(variant)
        .setWhy(Why.ASSIGNED)
        .build();
  }

  static Measurement ok() {
    return Measurement.newBuilder()
        .setOutcome(Outcome.OK)
        .setStatus(200)
        .setTtftMicros(40_000L)
        .setDurationMicros(120_000)
        .setPromptTokens(100L)
        .setCompletionTokens(50L)
        .setCachedTokens(0L)
        .setFinishReason("stop")
        .setRefusal(false)
        .setResponseBytes(900)
        .build();
  }

  static Measurement failed(Outcome outcome) {
    return Measurement.newBuilder().setOutcome(outcome).setDurationMicros(5_000).build();
  }

  private EventId id() {
    return new EventId(incarnation, 0, sequence++);
  }
}
