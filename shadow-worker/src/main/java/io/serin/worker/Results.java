package io.serin.worker;

import io.serin.comparison.answer.JsonCheck;
import io.serin.comparison.answer.Question;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.DeadLetter;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.ShadowSide;
import io.serin.worker.budget.Draw;
import io.serin.worker.budget.Spend;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.jspecify.annotations.Nullable;

/** Pure: the records of what a replay gave. They hold measurements, never a text. */
final class Results {
  private Results() {}

  /**
   * A result, and whether an example could be made of it.
   *
   * @param telling whether a user would notice how the answers differ
   */
  record Told(ShadowResult result, boolean telling) {}

  /**
   * A pair, or with control replayed, two.
   *
   * @param servedText opened, where the payload is sealed
   * @param used by all calls, those of what was found included
   */
  static Told of(
      CapturedPayload payload,
      @Nullable String servedText,
      Question question,
      Replayed candidate,
      @Nullable Replayed control,
      Differences differences,
      Reviewer.Found found,
      Spend used,
      boolean forced,
      LaneId lane,
      Instant at) {
    ShadowResult.Builder result = builder(payload, servedText, lane, at);
    result
        .setCandidate(side(candidate.variant(), candidate.first()))
        .setMoreCandidates(sides(candidate))
        .setControl(control == null ? null : side(control.variant(), control.first()))
        .setMoreControls(control == null ? List.of() : sides(control))
        .setCalls((int) Math.min(Integer.MAX_VALUE, used.calls()))
        .setCost(used.unpriced() > 0 ? null : used.cost())
        .setForced(forced);
    boolean telling =
        differences.tell(
            result, question, payload.getServed(), servedText, candidate, control, found);
    return new Told(result.build(), telling);
  }

  /** No candidate was asked, or to no end. */
  static ShadowResult skipped(
      CapturedPayload payload, String variant, String reason, Spend used, LaneId lane, Instant at) {
    Measurement none =
        Measurement.newBuilder().setOutcome(Outcome.UNKNOWN).setDurationMicros(0).build();
    return builder(payload, payload.getServedText(), lane, at)
        .setCandidate(side(variant, none, null))
        .setSkipped(reason)
        .setCalls((int) Math.min(Integer.MAX_VALUE, used.calls()))
        .setCost(used.unpriced() > 0 ? null : used.cost())
        .build();
  }

  /** A request that no model could be asked about. */
  static DeadLetter deadLetter(
      Replay.Task task,
      @Nullable String variant,
      String reason,
      String cause,
      String worker,
      LaneId lane,
      Instant at) {
    CapturedPayload payload = task.payload();
    return DeadLetter.newBuilder()
        .setRequestId(payload.getRequestId())
        .setAt(at)
        .setRollout(payload.getRollout())
        .setRun(payload.getRun())
        .setUnit(payload.getUnit())
        .setVariant(variant)
        .setWorker(worker)
        .setReason(reason)
        .setCause(cause)
        .setTopic(task.place().topic())
        .setPartition(task.place().partition())
        .setOffset(task.place().offset())
        .setBackfill(lane.backfill())
        .build();
  }

  /** A record of serin.payloads that cannot be read. */
  static DeadLetter unreadable(
      RecordDeserializationException e, String worker, LaneId lane, Instant at) {
    Throwable cause = e.getCause();
    return DeadLetter.newBuilder()
        .setAt(at)
        .setRollout(lane.rollout())
        .setWorker(worker)
        .setReason("unreadable-record")
        .setCause(cause == null ? "unknown" : cause.getClass().getName())
        .setTopic(e.topicPartition().topic())
        .setPartition(e.topicPartition().partition())
        .setOffset(e.offset())
        .setBackfill(lane.backfill())
        .build();
  }

  private static ShadowResult.Builder builder(
      CapturedPayload payload, @Nullable String servedText, LaneId lane, Instant at) {
    return ShadowResult.newBuilder()
        .setRequestId(payload.getRequestId())
        .setAt(at)
        .setRollout(payload.getRollout())
        .setRun(payload.getRun())
        .setStage(payload.getStage())
        .setUnit(payload.getUnit())
        .setEndpoint(payload.getEndpoint())
        .setBackfill(lane.backfill())
        .setCapturedAt(payload.getCapturedAt())
        .setServed(side(payload.getServedVariant(), payload.getServed(), servedText));
  }

  private static List<ShadowSide> sides(Replayed replayed) {
    return replayed.more().stream().map(asked -> side(replayed.variant(), asked)).toList();
  }

  private static ShadowSide side(String variant, Replayed.Asked asked) {
    return side(variant, asked.measurement(), asked.text());
  }

  private static ShadowSide side(String variant, Measurement measurement, @Nullable String text) {
    return ShadowSide.newBuilder()
        .setVariant(variant)
        .setMeasurement(measurement)
        .setTextHash(text == null ? null : Draw.hash(text))
        .setTextLength(text == null ? null : text.length())
        .setJson(JsonCheck.isDocument(text))
        .build();
  }
}
