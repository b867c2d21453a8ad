package io.serin.router.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.router.feedback.Feedback;
import io.serin.router.feedback.FeedbackReader;
import io.serin.router.feedback.RequestId;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Why;
import java.time.Instant;

/** POST /v1/feedback: reads, attributes by the signed id, and tells. */
final class FeedbackApi {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final DataPlane plane;
  private final FeedbackReader reader;

  FeedbackApi(DataPlane plane) {
    this.plane = plane;
    this.reader = new FeedbackReader(plane.ids());
  }

  /**
   * Takes one feedback.
   *
   * @return the answer's body
   * @throws io.serin.router.feedback.FeedbackException where it cannot be taken
   */
  byte[] take(byte[] body) {
    Feedback feedback = reader.read(body);
    plane.evidence().feedback(event(feedback));
    plane.metrics().feedbackTaken();
    try {
      return JSON.writeValueAsBytes(
          JSON.createObjectNode()
              .put("object", "feedback")
              .put("request_id", feedback.requestId())
              .put("kind", feedback.kind()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that cannot be written", e);
    }
  }

  private FeedbackEvent event(Feedback feedback) {
    RequestId about = feedback.about();
    FeedbackEvent event = new FeedbackEvent();
    event.setRequestId(feedback.requestId());
    event.setKind(feedback.kind());
    event.setValue(feedback.value());
    event.setLabel(feedback.label());
    event.setReceivedAt(Instant.ofEpochMilli(plane.clock().epochMillis()));
    event.setRollout(about.rollout());
    event.setRun(about.run());
    event.setStage(about.stage());
    event.setUnit(about.unit());
    event.setAssignedVariant(about.assigned());
    event.setServedVariant(about.served());
    event.setWhy(Why.valueOf(about.why()));
    return event;
  }
}
