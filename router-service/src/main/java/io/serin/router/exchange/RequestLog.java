package io.serin.router.exchange;

import io.serin.schemas.Measurement;
import io.serin.schemas.RequestEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One log event an attempt: what its record says, and like it never a prompt, answer or key. */
final class RequestLog {

  private static final Logger LOG = LoggerFactory.getLogger("io.serin.router.requests");

  private RequestLog() {}

  static void write(RequestEvent event) {
    Measurement cost = event.getMeasurement();
    LOG.atInfo()
        .addKeyValue("event", "attempt")
        .addKeyValue("requestId", event.getRequestId())
        .addKeyValue("clientRequestId", event.getClientRequestId())
        .addKeyValue("attempt", event.getAttempt())
        .addKeyValue("last", event.getLast())
        .addKeyValue("rollout", event.getRollout())
        .addKeyValue("revision", event.getRevision())
        .addKeyValue("endpoint", event.getEndpoint())
        .addKeyValue("streamed", event.getStreamed())
        .addKeyValue("assigned", event.getAssignedVariant())
        .addKeyValue("served", event.getServedVariant())
        .addKeyValue("why", event.getWhy())
        .addKeyValue("outcome", cost.getOutcome())
        .addKeyValue("status", cost.getStatus())
        .addKeyValue("finish", cost.getFinishReason())
        .addKeyValue("queueMicros", event.getQueueMicros())
        .addKeyValue("ttftMicros", cost.getTtftMicros())
        .addKeyValue("durationMicros", cost.getDurationMicros())
        .addKeyValue("promptTokens", cost.getPromptTokens())
        .addKeyValue("completionTokens", cost.getCompletionTokens())
        .addKeyValue("cachedTokens", cost.getCachedTokens())
        .addKeyValue("clientOutcome", event.getClientOutcome())
        .log("attempt ended");
  }
}
