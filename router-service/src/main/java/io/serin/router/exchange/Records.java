package io.serin.router.exchange;

import io.serin.modelcalls.Measuring;
import io.serin.openai.answer.Answer;
import io.serin.router.attempt.AttemptReply;
import io.serin.router.ports.RouterClock;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.RequestEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes what happened as records. An attempt that was cancelled and is not its request's last was
 * moved to control by the router itself, because its variant was removed; a client's cancel is
 * always on the last attempt.
 */
final class Records {

  private final String router;
  private final RouterClock clock;
  private final Measuring measuring = new Measuring();

  Records(String router, RouterClock clock) {
    this.router = router;
    this.clock = clock;
  }

  /** The event to publish if the process dies while the request is in progress. */
  RequestEvent routerDied(AskedRequest asked, AttemptFacts first) {
    Measurement nothing = new Measurement();
    nothing.setOutcome(Outcome.ROUTER_DIED);
    RequestEvent event = base(asked, first, nothing);
    event.setLast(true);
    event.setClientOutcome(Outcome.ROUTER_DIED);
    return event;
  }

  /** An attempt that another follows. */
  RequestEvent attempt(AskedRequest asked, AttemptFacts attempt, AttemptReply reply) {
    return base(asked, attempt, measuring.of(reply.end()));
  }

  /** The last attempt, with what the client saw. */
  RequestEvent last(
      AskedRequest asked, AttemptFacts attempt, AttemptReply reply, ClientEnd client) {
    RequestEvent event = attempt(asked, attempt, reply);
    event.setLast(true);
    event.setClientOutcome(client.outcome());
    event.setClientStatus(client.status());
    event.setClientTtftMicros(micros(client.ttftNanos()));
    event.setClientDurationMicros(
        TimeUnit.NANOSECONDS.toMicros(clock.nanoTime() - asked.facts().startedNanos()));
    return event;
  }

  /** The first attempt is still running at a mark, in milliseconds. */
  ProgressEvent progress(AskedRequest asked, AttemptFacts first, long mark, long ttftNanos) {
    Command command = asked.rollout().command();
    RequestFacts facts = asked.facts();
    ProgressEvent event = new ProgressEvent();
    event.setRequestId(first.requestId());
    event.setStartedAt(Instant.ofEpochMilli(facts.startedAt()));
    event.setAt(Instant.ofEpochMilli(clock.epochMillis()));
    event.setRouter(router);
    event.setRollout(command.getRollout());
    event.setRun(command.getRun());
    event.setRevision(command.getRevision());
    event.setStage(command.getStage());
    event.setSplit(command.getSplit());
    event.setUnit(facts.unit());
    event.setAssignedVariant(asked.choice().assigned().name());
    event.setStreamed(asked.request().stream());
    event.setWaitedMillis(mark);
    event.setTtftMicros(micros(ttftNanos));
    event.setPriorAnswers(priorAnswers(asked));
    return event;
  }

  /**
   * A request with what was served; its texts are redacted later, by {@code capture}.
   *
   * @param maxBytes of the body, and characters of the answer: larger texts are omitted
   */
  CapturedPayload payload(
      AskedRequest asked, AttemptFacts attempt, AttemptReply reply, int maxBytes) {
    Command command = asked.rollout().command();
    CapturedPayload payload = new CapturedPayload();
    payload.setRequestId(attempt.requestId());
    payload.setCapturedAt(Instant.ofEpochMilli(clock.epochMillis()));
    payload.setRollout(command.getRollout());
    payload.setRun(command.getRun());
    payload.setRevision(command.getRevision());
    payload.setStage(command.getStage());
    payload.setUnit(asked.facts().unit());
    payload.setTenant(asked.facts().client().tenant());
    payload.setEndpoint(asked.endpoint().id());
    payload.setStreamed(asked.request().stream());
    byte[] body = asked.request().body();
    boolean tooLarge = body.length > maxBytes;
    payload.setOmitted(tooLarge ? "too-large" : null);
    payload.setRequestBody(tooLarge ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body));
    payload.setRequestBytes(body.length);
    payload.setRedactions(Map.of());
    payload.setAssignedVariant(asked.choice().assigned().name());
    payload.setServedVariant(attempt.variant().name());
    payload.setServed(measuring.of(reply.end()));
    Answer answer = reply.answer();
    String text = answer == null ? null : answer.text();
    boolean cut = answer != null && answer.textTruncated();
    payload.setServedTextLength(text == null || cut ? null : text.length());
    payload.setServedText(
        text == null || cut || tooLarge || text.length() > maxBytes ? null : text);
    return payload;
  }

  private RequestEvent base(AskedRequest asked, AttemptFacts attempt, Measurement measurement) {
    Command command = asked.rollout().command();
    RequestFacts facts = asked.facts();
    RequestEvent event = new RequestEvent();
    event.setRequestId(attempt.requestId());
    event.setClientRequestId(facts.client().requestId());
    event.setAttempt(attempt.number());
    event.setLast(false);
    event.setStartedAt(Instant.ofEpochMilli(facts.startedAt()));
    event.setEndedAt(Instant.ofEpochMilli(clock.epochMillis()));
    event.setRouter(router);
    event.setRollout(command.getRollout());
    event.setRun(command.getRun());
    event.setRevision(command.getRevision());
    event.setStage(command.getStage());
    event.setStageName(command.getStageName());
    event.setSplit(command.getSplit());
    event.setUnit(facts.unit());
    event.setAssignedVariant(asked.choice().assigned().name());
    event.setServedVariant(attempt.variant().name());
    event.setWhy(attempt.why());
    event.setEndpoint(asked.endpoint().id());
    event.setStreamed(asked.request().stream());
    event.setMeasurement(measurement);
    event.setQueueMicros(TimeUnit.NANOSECONDS.toMicros(attempt.queueNanos()));
    event.setRequestBytes(asked.request().body().length);
    event.setPriorAnswers(priorAnswers(asked));
    event.setProgressId(attempt.progressId());
    return event;
  }

  private static @Nullable Integer priorAnswers(AskedRequest asked) {
    int answers = asked.choice().conversation().answers();
    return answers < 0 ? null : Integer.valueOf(answers);
  }

  /** Null for −1: there is none. */
  private static @Nullable Long micros(long nanos) {
    return nanos < 0 ? null : Long.valueOf(TimeUnit.NANOSECONDS.toMicros(nanos));
  }
}
