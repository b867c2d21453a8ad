package io.serin.router.exchange;

import io.serin.modelcalls.Measuring;
import io.serin.openai.answer.Answer;
import io.serin.router.http.Head;
import io.serin.router.rollout.Variant;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes what happened as records. An attempt that was cancelled and is not its request's last was
 * moved to control by the router itself, because its variant was removed; a client's cancel is
 * always on the last attempt.
 */
final class Records {

  private final String router;
  private final LongSupplier epochMillis;
  private final LongSupplier nanoTime;
  private final Measuring measuring = new Measuring();

  Records(String router, LongSupplier epochMillis, LongSupplier nanoTime) {
    this.router = router;
    this.epochMillis = epochMillis;
    this.nanoTime = nanoTime;
  }

  /** What is told should the process die while the request is under way. */
  RequestEvent routerDied(Exchange exchange, Variant first) {
    Measurement nothing = new Measurement();
    nothing.setOutcome(Outcome.ROUTER_DIED);
    RequestEvent event = base(exchange, first, nothing, 1);
    event.setLast(true);
    event.setClientOutcome(Outcome.ROUTER_DIED);
    return event;
  }

  /** An attempt that another follows. */
  RequestEvent attempt(Exchange exchange, Variant variant, AttemptEnd end) {
    return base(exchange, variant, measurement(end), exchange.attempts());
  }

  /** The last attempt, with what the client saw. */
  RequestEvent last(
      Exchange exchange,
      Variant variant,
      AttemptEnd end,
      Outcome clientOutcome,
      @Nullable Integer clientStatus) {
    RequestEvent event = attempt(exchange, variant, end);
    event.setLast(true);
    event.setClientOutcome(clientOutcome);
    event.setClientStatus(clientStatus);
    event.setClientTtftMicros(micros(exchange.clientTtftNanos()));
    event.setClientDurationMicros(
        TimeUnit.NANOSECONDS.toMicros(nanoTime.getAsLong() - exchange.facts().startedNanos()));
    return event;
  }

  /**
   * A request with what was served; texts are redacted by who hands it over.
   *
   * @param maxBytes of the body, and characters of the answer: what is larger is told without texts
   */
  CapturedPayload payload(Exchange exchange, Variant variant, AttemptEnd end, int maxBytes) {
    Command command = exchange.rollout().command();
    CapturedPayload payload = new CapturedPayload();
    payload.setRequestId(exchange.requestId());
    payload.setCapturedAt(Instant.ofEpochMilli(epochMillis.getAsLong()));
    payload.setRollout(command.getRollout());
    payload.setRun(command.getRun());
    payload.setRevision(command.getRevision());
    payload.setStage(command.getStage());
    payload.setUnit(exchange.facts().unit());
    payload.setTenant(exchange.facts().tenant());
    payload.setEndpoint(exchange.request().endpoint().id());
    payload.setStreamed(exchange.request().stream());
    byte[] body = exchange.request().body();
    boolean tooLarge = body.length > maxBytes;
    payload.setOmitted(tooLarge ? "too-large" : null);
    payload.setRequestBody(tooLarge ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body));
    payload.setRequestBytes(body.length);
    payload.setRedactions(Map.of());
    payload.setAssignedVariant(exchange.assigned().name());
    payload.setServedVariant(variant.name());
    payload.setServed(measurement(end));
    Answer answer = end.answer();
    String text = answer == null ? null : answer.text();
    boolean cut = answer != null && answer.textTruncated();
    payload.setServedTextLength(text == null || cut ? null : text.length());
    payload.setServedText(
        text == null || cut || tooLarge || text.length() > maxBytes ? null : text);
    return payload;
  }

  private RequestEvent base(
      Exchange exchange, Variant served, Measurement measurement, int attempt) {
    Command command = exchange.rollout().command();
    RequestFacts facts = exchange.facts();
    RequestEvent event = new RequestEvent();
    event.setRequestId(exchange.requestId());
    event.setClientRequestId(facts.clientRequestId());
    event.setAttempt(attempt);
    event.setLast(false);
    event.setStartedAt(Instant.ofEpochMilli(facts.startedAt()));
    event.setEndedAt(Instant.ofEpochMilli(epochMillis.getAsLong()));
    event.setRouter(router);
    event.setRollout(command.getRollout());
    event.setRun(command.getRun());
    event.setRevision(command.getRevision());
    event.setStage(command.getStage());
    event.setStageName(command.getStageName());
    event.setSplit(command.getSplit());
    event.setUnit(facts.unit());
    event.setAssignedVariant(exchange.assigned().name());
    event.setServedVariant(served.name());
    event.setWhy(exchange.why());
    event.setEndpoint(exchange.request().endpoint().id());
    event.setStreamed(exchange.request().stream());
    event.setMeasurement(measurement);
    event.setQueueMicros(TimeUnit.NANOSECONDS.toMicros(exchange.queueNanos()));
    event.setRequestBytes(exchange.request().body().length);
    int answers = exchange.request().priorAnswers();
    event.setPriorAnswers(answers < 0 ? null : Integer.valueOf(answers));
    return event;
  }

  private Measurement measurement(AttemptEnd end) {
    Head head = end.head();
    return measuring.of(
        new io.serin.modelcalls.AttemptEnd(
            end.outcome(),
            head == null ? null : head.status(),
            end.answer(),
            end.ttftNanos(),
            end.durationNanos(),
            end.responseBytes(),
            end.contentEvents()));
  }

  private static @Nullable Long micros(long nanos) {
    return nanos < 0 ? null : TimeUnit.NANOSECONDS.toMicros(nanos);
  }
}
