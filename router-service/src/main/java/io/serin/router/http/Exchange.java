package io.serin.router.http;

import io.serin.openai.Answer;
import io.serin.openai.AnswerReader;
import io.serin.openai.CompletionRequest;
import io.serin.openai.OpenAiError;
import io.serin.openai.UsageChunkFilter;
import io.serin.router.assignment.Assignment;
import io.serin.router.feedback.RequestId;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Table;
import io.serin.router.rollout.Variant;
import io.serin.schemas.Outcome;
import io.serin.schemas.Why;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's request from its assignment to its last byte: an attempt at the assigned variant
 * and, where that fails before its first byte, one at control. Each attempt is told as evidence,
 * the last one before the last byte leaves.
 *
 * <p>Lives on one event loop.
 */
final class Exchange implements Attempt.Listener {

  /**
   * How much of an answer's text is kept where nobody captures it: refusals show at the beginning.
   */
  private static final int JUDGED_TEXT_CHARS = 4_096;

  private final Loop loop;
  private final HttpServerRequest http;
  private final HttpServerResponse response;
  private final CompletionRequest request;
  private final Rollout rollout;
  private final Variant assigned;
  private final RequestFacts facts;
  private final long ticket;
  private RequestId id;
  private String requestId;
  private Why why;
  private int attempts;
  private @Nullable Attempt attempt;
  private long attemptStartedNanos;
  private boolean moving;
  private boolean left;
  private boolean closed;
  private long clientTtftNanos = -1;

  private Exchange(
      Loop loop,
      HttpServerRequest http,
      CompletionRequest request,
      Rollout rollout,
      RequestFacts facts,
      Variant assigned,
      Variant first,
      Why why) {
    this.loop = loop;
    this.http = http;
    this.response = http.response();
    this.request = request;
    this.rollout = rollout;
    this.assigned = assigned;
    this.facts = facts;
    this.why = why;
    this.id =
        new RequestId(
            loop.random().nextLong(),
            rollout.name(),
            rollout.command().getRun(),
            rollout.command().getStage(),
            facts.unit(),
            assigned.name(),
            first.name(),
            why.name());
    this.requestId = loop.ids().write(id);
    this.ticket = loop.evidence().begin(loop.records().routerDied(this, first));
  }

  /** Assigns a request and calls the variant. */
  static Exchange start(
      Loop loop,
      HttpServerRequest http,
      CompletionRequest request,
      Rollout rollout,
      long startedNanos) {
    Assignment assignment = rollout.assigner().assign(new RequestUnits(http.headers(), request));
    Variant control = rollout.control();
    Variant assigned = control;
    Variant first = control;
    Why why = Why.NO_UNIT;
    String unit;
    switch (assignment) {
      case Assignment.ByUnit byUnit -> {
        unit = byUnit.unit();
        assigned = rollout.variants().getOrDefault(byUnit.variant(), control);
        boolean removed = loop.table().removed(rollout.name(), assigned);
        first = removed ? control : assigned;
        why = removed ? whyRemoved(loop, rollout) : Why.ASSIGNED;
      }
      case Assignment.NoUnit() -> unit = loop.randomUnit();
    }
    RequestFacts facts =
        RequestFacts.of(
            http,
            request,
            unit,
            why != Why.NO_UNIT && loop.captures(rollout, unit, request),
            loop.epochMillis(),
            startedNanos);
    Exchange exchange = new Exchange(loop, http, request, rollout, facts, assigned, first, why);
    loop.add(exchange);
    exchange.response.exceptionHandler(failure -> exchange.clientLeft());
    exchange.response.closeHandler(closed -> exchange.clientLeft());
    exchange.call(first);
    return exchange;
  }

  private static Why whyRemoved(Loop loop, Rollout rollout) {
    return loop.table().lapsed(rollout.name()) ? Why.LAPSED : Why.TRIPPED;
  }

  /**
   * A newer table is adopted: an attempt that has not begun to answer leaves a variant that was
   * removed.
   */
  void tableChanged(Table table) {
    Attempt current = attempt;
    if (!closed
        && current != null
        && !current.hasFirstByte()
        && !table.keeps(rollout, current.variant())) {
      moving = true;
      current.cancel();
    }
  }

  @Override
  public void begun(Head head) {
    clientTtftNanos = loop.nanoTime() - facts.startedNanos();
    writeHead(head);
    response.setChunked(true);
  }

  @Override
  public void bytes(Buffer bytes) {
    if (closed) {
      return;
    }
    response.write(bytes);
    Attempt current = attempt;
    if (response.writeQueueFull() && current != null) {
      current.pause();
      response.drainHandler(drained -> current.resume());
    }
  }

  @Override
  public void ended(AttemptEnd end) {
    Attempt current = attempt;
    if (current == null || closed) {
      return;
    }
    Variant variant = current.variant();
    if (left) {
      close(variant, end, Outcome.CANCELLED, end.begun() ? response.getStatusCode() : null);
      return;
    }
    watch(variant, end);
    boolean failed = end.failed() || moving;
    if (failed
        && !end.begun()
        && !variant.control()
        && !loop.table().retired(rollout, rollout.control())) {
      fallBack(variant, end);
    } else {
      answer(variant, end);
    }
  }

  CompletionRequest request() {
    return request;
  }

  Rollout rollout() {
    return rollout;
  }

  RequestFacts facts() {
    return facts;
  }

  String requestId() {
    return requestId;
  }

  Variant assigned() {
    return assigned;
  }

  Why why() {
    return why;
  }

  int attempts() {
    return attempts;
  }

  /** From reading the request to calling the variant of the current attempt. */
  long queueNanos() {
    return attempts == 0 ? 0 : attemptStartedNanos - facts.startedNanos();
  }

  long clientTtftNanos() {
    return clientTtftNanos;
  }

  private void call(Variant variant) {
    attempts++;
    var deadlines = rollout.command().getDeadlines();
    attemptStartedNanos = loop.nanoTime();
    long used = TimeUnit.NANOSECONDS.toMillis(attemptStartedNanos - facts.startedNanos());
    long total = Math.max(1, deadlines.getTotal() - used);
    // A candidate leaves control at least half of the client's time.
    long firstByte =
        variant.control()
            ? deadlines.getFirstByte()
            : Math.min(deadlines.getFirstByte(), total / 2);
    Attempt.Call call =
        new Attempt.Call(
            facts.path(),
            http.headers(),
            Buffer.buffer(request.forVariant(variant.model(), variant.extraBody(), true)),
            UsageChunkFilter.of(request),
            request.stream(),
            facts.captured() ? loop.settings().maxCapturedBytes() : JUDGED_TEXT_CHARS,
            deadlines.getConnect(),
            Math.max(1, firstByte),
            deadlines.getIdle(),
            total);
    Attempt next =
        new Attempt(
            loop.vertx(), loop.connections(), loop::nanoTime, loop.settings(), variant, call, this);
    attempt = next;
    next.start();
  }

  private void fallBack(Variant failed, AttemptEnd end) {
    moving = false;
    id = id.servedBy(rollout.control().name(), Why.FALLBACK.name());
    requestId = loop.ids().write(id);
    loop.metrics().attemptEnded(rollout.name(), failed.name(), why, end, false);
    loop.evidence().attempt(ticket, loop.records().attempt(this, failed, end));
    why = Why.FALLBACK;
    call(rollout.control());
  }

  /** The request's last attempt is over, well or not: tells it, then lets the last bytes go. */
  private void answer(Variant variant, AttemptEnd end) {
    if (end.begun()) {
      close(variant, end, end.outcome(), response.getStatusCode());
      endStream(end);
      return;
    }
    Reply reply = reply(end);
    clientTtftNanos = loop.nanoTime() - facts.startedNanos();
    close(variant, end, end.outcome(), reply.status());
    writeHead(new Head(reply.status(), reply.headers()));
    response.end(reply.body());
  }

  private void close(
      Variant variant, AttemptEnd end, Outcome clientOutcome, @Nullable Integer clientStatus) {
    closed = true;
    loop.remove(this);
    loop.metrics().attemptEnded(rollout.name(), variant.name(), why, end, true);
    loop.evidence()
        .end(ticket, loop.records().last(this, variant, end, clientOutcome, clientStatus));
    loop.capture(this, variant, end);
  }

  private void endStream(AttemptEnd end) {
    switch (end.outcome()) {
      case OK, EMPTY, MALFORMED -> response.end(end.unsent());
      case CUT, TIMEOUT, HTTP_ERROR, CONNECT_ERROR, CANCELLED, REJECTED, ROUTER_DIED, UNKNOWN -> {
        Answer answer = end.answer();
        boolean told = answer != null && answer.error() != null;
        Buffer last = told ? end.unsent() : Buffer.buffer(streamError(end.outcome()).toEvent());
        // Without the last chunk, so that no reader takes it for a clean end.
        response.write(last).onComplete(written -> http.connection().close());
      }
    }
  }

  private static OpenAiError streamError(Outcome outcome) {
    return outcome == Outcome.TIMEOUT
        ? OpenAiError.server(
            504, "The model stopped answering before the end of its answer.", "upstream_timeout")
        : OpenAiError.server(502, "The model's answer was cut before its end.", "upstream_cut");
  }

  /** What a client is sent that has seen nothing yet. */
  private Reply reply(AttemptEnd end) {
    return switch (end.outcome()) {
      case OK, EMPTY, MALFORMED -> Reply.passing(end);
      case HTTP_ERROR -> Reply.ofUpstreamError(end);
      case CUT -> isErrorEvent(end) ? Reply.passing(end) : Reply.of(streamError(Outcome.CUT));
      case TIMEOUT ->
          Reply.of(
              OpenAiError.server(504, "The model did not answer in time.", "upstream_timeout"));
      case CONNECT_ERROR, CANCELLED, REJECTED, ROUTER_DIED, UNKNOWN ->
          Reply.of(OpenAiError.server(502, "The model cannot be reached.", "upstream_unreachable"));
    };
  }

  /**
   * Whether control's stream held nothing but its own error, which then is the best answer there
   * is.
   */
  private static boolean isErrorEvent(AttemptEnd end) {
    return end.answer() != null
        && end.answer().error() != null
        && end.head() != null
        && AnswerReader.isEventStream(end.head().headers().get(Headers.CONTENT_TYPE));
  }

  private void writeHead(Head head) {
    response.setStatusCode(head.status());
    Headers.toClient(head.headers(), response.headers());
    response.putHeader(Headers.REQUEST_ID, requestId);
    Attempt current = attempt;
    if (loop.settings().revealVariant() && current != null) {
      response.putHeader(Headers.VARIANT, current.variant().name());
    }
  }

  private void clientLeft() {
    Attempt current = attempt;
    if (closed || current == null) {
      return;
    }
    left = true;
    current.cancel();
  }

  /** Feeds the local trip. A moved or cancelled attempt says nothing about its variant. */
  private void watch(Variant variant, AttemptEnd end) {
    if (end.outcome() == Outcome.CANCELLED) {
      return;
    }
    if (!variant.control()) {
      loop.tables().candidateEnded(rollout.name(), variant.name(), facts.unit(), end.failed());
    } else {
      loop.tables().controlEnded(rollout.name(), facts.unit(), end.failed());
      if (!assigned.control()) {
        loop.tables().judge(rollout.name(), assigned.name());
      }
    }
  }
}
