package io.serin.worker;

import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Traits;
import io.serin.comparison.record.PairRecords;
import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.ShadowResult;
import io.serin.worker.budget.Spend;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Pairs as the worker tells them, by its own code, of answers that were not asked of anybody. */
public final class Replays {
  private static final Traits.Reader TRAITS = new Traits.Reader();
  private static final Differences DIFFERENCES = new Differences();

  /** An answer; an empty text is an empty answer. */
  public record Said(String text, long micros) {}

  private Replays() {}

  /** The result of a request that was replayed on both sides. */
  public static ShadowResult of(
      String rollout,
      String run,
      String unit,
      String body,
      Said candidate,
      Said control,
      Instant at) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    CapturedPayload payload =
        CapturedPayload.newBuilder()
            .setRequestId("q-" + unit)
            .setCapturedAt(at)
            .setRollout(rollout)
            .setRun(run)
            .setRevision(1)
            .setStage(0)
            .setUnit(unit)
            .setEndpoint(Endpoint.CHAT_COMPLETIONS.id())
            .setStreamed(false)
            .setRequestBody(ByteBuffer.wrap(bytes))
            .setAssignedVariant("control")
            .setServedVariant("control")
            .setServed(measurement(control))
            .setServedText(control.text())
            .build();
    return Results.of(
            payload,
            control.text(),
            Differences.question(
                payload, CompletionRequest.read(Endpoint.CHAT_COMPLETIONS, bytes), BodyPatch.NONE),
            replayed("candidate", candidate),
            replayed("control", control),
            DIFFERENCES,
            Reviewer.Found.NOTHING,
            Spend.NOTHING,
            false,
            LaneId.live(rollout),
            at)
        .result();
  }

  private static Replayed replayed(String variant, Said said) {
    String text = said.text().isEmpty() ? null : said.text();
    return new Replayed(variant, new Replayed.Asked(measurement(said), text, List.of()), List.of());
  }

  private static Measurement measurement(Said said) {
    boolean empty = said.text().isEmpty();
    return Measurement.newBuilder()
        .setOutcome(empty ? Outcome.EMPTY : Outcome.OK)
        .setStatus(200)
        .setDurationMicros(said.micros())
        .setCompletionTokens((long) Math.max(1, said.text().length() / 4))
        .setFinishReason("stop")
        .setRefusal(empty ? null : refuses(said.text()))
        .build();
  }

  private static boolean refuses(String text) {
    return "full"
        .equals(PairRecords.traits(TRAITS.read(Answered.of(text), null), false).getRefusal());
  }
}
