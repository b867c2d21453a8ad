package io.serin.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.ShadowSide;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Pure: the records that tell what a replay gave. They hold measurements, never a text. */
final class Results {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Results() {}

  /** A pair, or with control replayed, two. */
  static ShadowResult of(
      CapturedPayload payload, Replayed candidate, @Nullable Replayed control, Instant at) {
    String served = payload.getServedText();
    String text = candidate.text();
    return builder(payload, at)
        .setCandidate(side(candidate.variant(), candidate.measurement(), text))
        .setControl(
            control == null ? null : side(control.variant(), control.measurement(), control.text()))
        .setSimilarity(served == null || text == null ? null : Similarity.of(served, text))
        .build();
  }

  /** No candidate was asked, or to no end. */
  static ShadowResult skipped(CapturedPayload payload, String variant, String reason, Instant at) {
    Measurement none =
        Measurement.newBuilder().setOutcome(Outcome.UNKNOWN).setDurationMicros(0).build();
    return builder(payload, at).setCandidate(side(variant, none, null)).setSkipped(reason).build();
  }

  private static ShadowResult.Builder builder(CapturedPayload payload, Instant at) {
    return ShadowResult.newBuilder()
        .setRequestId(payload.getRequestId())
        .setAt(at)
        .setRollout(payload.getRollout())
        .setRun(payload.getRun())
        .setStage(payload.getStage())
        .setUnit(payload.getUnit())
        .setEndpoint(payload.getEndpoint())
        .setServed(side(payload.getServedVariant(), payload.getServed(), payload.getServedText()));
  }

  private static ShadowSide side(String variant, Measurement measurement, @Nullable String text) {
    return ShadowSide.newBuilder()
        .setVariant(variant)
        .setMeasurement(measurement)
        .setTextHash(text == null ? null : Draw.hash(text))
        .setTextLength(text == null ? null : text.length())
        .setJson(text != null && json(text))
        .build();
  }

  private static boolean json(String text) {
    if (text.isBlank()) {
      return false;
    }
    try {
      JSON.readTree(text);
      return true;
    } catch (JsonProcessingException e) {
      return false;
    }
  }
}
