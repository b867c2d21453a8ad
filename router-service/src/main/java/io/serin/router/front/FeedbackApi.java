package io.serin.router.front;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.router.exchange.DataPlane;
import io.serin.router.feedback.Feedback;
import io.serin.router.feedback.FeedbackException;
import io.serin.router.feedback.FeedbackLimits;
import io.serin.router.feedback.FeedbackReader;
import io.serin.router.feedback.FeedbackRefused;
import io.serin.router.feedback.RequestId;
import io.serin.router.trip.UnitLimits;
import io.serin.schemas.Excluded;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Why;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * POST /v1/feedback and /v1/feedback/bulk: reads, attributes by the signed id, counts against its
 * limits, and records.
 */
final class FeedbackApi {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final DataPlane plane;
  private final FeedbackReader reader;
  private final FeedbackLimits limits;
  private final UnitLimits raters;

  /**
   * @param limits of all event loops together
   * @param raters whose ratings count
   */
  FeedbackApi(DataPlane plane, FeedbackLimits limits, UnitLimits raters) {
    this.raters = raters;
    this.plane = plane;
    this.limits = limits;
    this.reader = new FeedbackReader(plane.ids());
  }

  /**
   * Takes one feedback.
   *
   * @param sender the tenant of the client's key, or its address
   * @return the answer's body
   * @throws FeedbackException where it cannot be taken
   * @throws FeedbackRefused where it may be sent again later
   */
  byte[] take(byte[] body, String sender) {
    return write(take(reader.read(body), sender));
  }

  /**
   * Takes many feedbacks, each for itself: one that cannot be taken does not keep the others out.
   *
   * @return the answer's body: what became of each, in their order
   * @throws FeedbackException where the body is no list of feedbacks
   */
  byte[] takeAll(byte[] body, String sender) {
    ObjectNode list = JSON.createObjectNode().put("object", "list");
    ArrayNode data = list.putArray("data");
    int taken = 0;
    for (JsonNode one : reader.list(body)) {
      try {
        data.add(take(reader.read(one), sender));
        taken++;
      } catch (FeedbackException e) {
        error(data, e.reason(), "invalid_request_error", e.field());
      } catch (FeedbackRefused e) {
        error(data, e.reason(), "rate_limit_error", null);
      }
    }
    return write(list.put("taken", taken).put("refused", data.size() - taken));
  }

  private static void error(ArrayNode data, String message, String type, @Nullable String param) {
    ObjectNode error = data.addObject().put("object", "error").putObject("error");
    error.put("message", message).put("type", type).put("param", param).putNull("code");
  }

  private ObjectNode take(Feedback feedback, String sender) {
    try {
      limits.count(feedback, sender);
      if (!plane.evidence().feedback(event(feedback, sender))) {
        throw FeedbackRefused.full();
      }
    } catch (FeedbackRefused e) {
      plane.metrics().feedbackRefused();
      throw e;
    }
    plane.metrics().feedbackTaken();
    return JSON.createObjectNode()
        .put("object", "feedback")
        .put("request_id", feedback.requestId())
        .put("kind", feedback.kind());
  }

  private static byte[] write(ObjectNode json) {
    try {
      return JSON.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that cannot be written", e);
    }
  }

  private FeedbackEvent event(Feedback feedback, String sender) {
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
    event.setExcluded(
        raters.counts(sender, about.rollout(), about.unit()) ? null : Excluded.MANY_UNITS);
    return event;
  }
}
