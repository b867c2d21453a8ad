package io.serin.router.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import io.serin.modelcalls.Pool;
import io.serin.modelcalls.Server;
import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.EventFilter;
import io.serin.openai.OpenAiError;
import io.serin.openai.ResponseIdFilter;
import io.serin.openai.UsageChunkFilter;
import io.serin.openai.answer.Answer;
import io.serin.openai.answer.AnswerReader;
import io.serin.router.feedback.RequestId;
import io.serin.router.feedback.ResponseId;
import io.serin.router.http.Gzip;
import io.serin.router.http.Head;
import io.serin.router.http.Headers;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Table;
import io.serin.router.rollout.Variant;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's request from its assignment to its last byte: an attempt at the assigned variant
 * and, where that fails before its first byte, one at control. Each attempt is recorded, the last
 * one before the last byte leaves.
 *
 * <pre>
 *   start ──► attempt at the assigned variant ──► answered ──► closed
 *                  │ failed, nothing sent yet        ▲
 *                  └──► attempt at control ──────────┘
 * </pre>
 *
 * <p>An exception in the router during a candidate's attempt is a failed attempt, and control
 * answers. During control's attempt the client gets a 502, and the request is recorded all the
 * same. Lives on one event loop.
 */
public final class Exchange implements Attempt.Listener {

  /**
   * How much of an answer's text is kept where nobody captures it: refusals show at the beginning.
   */
  private static final int JUDGED_TEXT_CHARS = 4_096;

  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private static final String CACHE_KEY = "prompt_cache_key";

  private final Loop loop;
  private final HttpServerRequest http;
  private final HttpServerResponse response;
  private final CompletionRequest request;
  private final Rollout rollout;
  private final Choice choice;
  private final RequestFacts facts;
  private final HttpHeaders passing;
  private final long ticket;
  private RequestId id;
  private String requestId;
  private Why why;
  private int attempts;
  private Variant serving;
  private @Nullable Attempt attempt;
  private long attemptStartedNanos;
  private @Nullable Pool place;
  private @Nullable ResponseIdFilter responseIds;
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
      HttpHeaders passing,
      Choice choice) {
    this.loop = loop;
    this.http = http;
    this.response = http.response();
    this.request = request;
    this.rollout = rollout;
    this.choice = choice;
    this.facts = facts;
    this.passing = passing;
    this.why = choice.why();
    this.serving = choice.first();
    this.place = loop.backends().of(rollout.name(), choice.first());
    this.id =
        new RequestId(
            loop.random().nextLong(),
            rollout.name(),
            rollout.command().getRun(),
            rollout.command().getStage(),
            facts.unit(),
            choice.assigned().name(),
            choice.first().name(),
            why.name());
    this.requestId = loop.ids().write(id);
    this.ticket = loop.evidence().begin(loop.records().routerDied(this, choice.first()));
  }

  /** Assigns a request and calls the variant. */
  public static Exchange start(
      Loop loop,
      HttpServerRequest http,
      CompletionRequest request,
      Rollout rollout,
      long startedNanos) {
    HttpHeaders passing = Headers.ofClient(http.headers());
    Choice choice = Choice.of(loop, rollout, request, http.headers());
    Exchange exchange;
    try {
      exchange = of(loop, http, request, rollout, choice, passing, startedNanos);
    } catch (RuntimeException e) {
      loop.backends().of(rollout.name(), choice.first()).leave();
      throw e;
    }
    loop.add(exchange);
    exchange.response.exceptionHandler(failure -> exchange.clientLeft());
    exchange.response.closeHandler(closed -> exchange.clientLeft());
    exchange.call(choice.first());
    return exchange;
  }

  private static Exchange of(
      Loop loop,
      HttpServerRequest http,
      CompletionRequest request,
      Rollout rollout,
      Choice choice,
      HttpHeaders passing,
      long startedNanos) {
    String unit = choice.unit();
    RequestFacts facts =
        RequestFacts.of(
            http,
            request,
            unit,
            choice.why() != Why.NO_UNIT
                && choice.why() != Why.OVERRIDE
                && loop.captures(rollout, unit),
            loop.access().clients() == null ? null : http.getHeader(Headers.TENANT),
            loop.epochMillis(),
            startedNanos);
    return new Exchange(loop, http, request, rollout, facts, passing, choice);
  }

  /**
   * A newer table is adopted: an attempt that has not begun to answer leaves a variant that was
   * removed.
   */
  public void tableChanged(Table table) {
    Attempt current = attempt;
    if (!closed
        && current != null
        && !current.hasFirstByte()
        && !(overridden()
            ? table.keepsForTester(rollout, current.variant())
            : table.keeps(rollout, current.variant()))) {
      moving = true;
      current.cancel();
    }
  }

  @Override
  public void begun(Head head) {
    writeHead(head);
    clientTtftNanos = loop.nanoTime() - facts.startedNanos();
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
    if (closed) {
      return;
    }
    try {
      leavePlace();
      settle(serving, end);
    } catch (RuntimeException e) {
      giveUp(e, end);
    }
  }

  private void settle(Variant variant, AttemptEnd end) {
    if (left) {
      close(variant, end, Outcome.CANCELLED, end.begun() ? response.getStatusCode() : null);
      return;
    }
    if (end.begun()) {
      watch(variant, end);
      close(variant, end, end.outcome(), response.getStatusCode());
      endStream(end);
    } else if ((end.failed() || moving) && canFallBack(variant)) {
      watch(variant, end);
      fallBack(variant, end);
    } else {
      answerWhole(variant, end);
    }
  }

  private boolean canFallBack(Variant variant) {
    return !variant.control()
        && !overridden()
        && !loop.table().retired(rollout, rollout.control())
        && (moving || controlCanServe(variant));
  }

  /** Sends a whole answer. One that the client cannot be sent is a failed attempt. */
  private void answerWhole(Variant variant, AttemptEnd end) {
    Reply reply;
    try {
      reply = ready(variant, end);
    } catch (RuntimeException e) {
      failedInside(e);
      AttemptEnd unfit = end.unfit();
      watch(variant, unfit);
      if (canFallBack(variant)) {
        fallBack(variant, unfit);
      } else {
        refuse(variant, unfit);
      }
      return;
    }
    watch(variant, end);
    send(variant, end, reply);
  }

  private void send(Variant variant, AttemptEnd end, Reply reply) {
    clientTtftNanos = loop.nanoTime() - facts.startedNanos();
    close(variant, end, end.outcome(), reply.status());
    response.end(reply.body());
  }

  private void refuse(Variant variant, AttemptEnd end) {
    Reply reply =
        Reply.of(
            OpenAiError.server(
                502, "The model's answer could not be passed on.", "upstream_failed"),
            request.endpoint());
    writeHead(new Head(reply.status(), reply.headers()));
    send(variant, end, reply);
  }

  /** The last resort: the request is recorded and the client gets a 502, or its stream ends. */
  private void giveUp(RuntimeException failure, AttemptEnd end) {
    failedInside(failure);
    try {
      leavePlace();
      boolean silent = !response.headWritten() && !response.ended();
      if (!closed) {
        close(serving, end.unfit(), Outcome.CUT, silent ? 502 : response.getStatusCode());
      }
      if (silent) {
        Reply reply =
            Reply.of(
                OpenAiError.server(502, "The router failed to handle the answer.", "router_error"),
                request.endpoint());
        writeHead(new Head(reply.status(), reply.headers()));
        response.end(reply.body());
        return;
      }
    } catch (RuntimeException e) {
      failedInside(e);
    }
    http.connection().close();
  }

  private void failedInside(RuntimeException failure) {
    LOG.atError()
        .setCause(failure)
        .addKeyValue("rollout", rollout.name())
        .addKeyValue("variant", serving.name())
        .addKeyValue("requestId", requestId)
        .addKeyValue("event", "request-failed-inside")
        .log("a request failed inside the router");
  }

  /** A response that a candidate stored is nothing that control can continue, unless they share. */
  private boolean controlCanServe(Variant variant) {
    return Choice.alike(request.endpoint(), variant, rollout.control())
        && (why != Why.PINNED || variant.sharesServerWith(rollout.control()));
  }

  /**
   * Whether a tester's token chose the variant: no other serves the request, nothing is evidence.
   */
  private boolean overridden() {
    return choice.why() == Why.OVERRIDE;
  }

  private void leavePlace() {
    Pool taken = place;
    place = null;
    if (taken != null) {
      taken.leave();
    }
  }

  public CompletionRequest request() {
    return request;
  }

  public Rollout rollout() {
    return rollout;
  }

  public RequestFacts facts() {
    return facts;
  }

  public String requestId() {
    return requestId;
  }

  public Variant assigned() {
    return choice.assigned();
  }

  public Why why() {
    return why;
  }

  public int attempts() {
    return attempts;
  }

  /** From reading the request to calling the variant of the current attempt. */
  public long queueNanos() {
    return attempts == 0 ? 0 : attemptStartedNanos - facts.startedNanos();
  }

  public long clientTtftNanos() {
    return clientTtftNanos;
  }

  /** Calls a variant. Whatever goes wrong is a failed attempt. */
  private void call(Variant variant) {
    serving = variant;
    attempt = null;
    attempts++;
    Attempt next;
    try {
      next = attemptAt(variant);
    } catch (RuntimeException e) {
      failedInside(e);
      ended(AttemptEnd.neverSent());
      return;
    }
    attempt = next;
    next.start();
  }

  private Attempt attemptAt(Variant variant) {
    var deadlines = rollout.command().getDeadlines();
    attemptStartedNanos = loop.nanoTime();
    long used = TimeUnit.NANOSECONDS.toMillis(attemptStartedNanos - facts.startedNanos());
    long total = Math.max(1, deadlines.getTotal() - used);
    // A candidate leaves control at least half of the client's time, where control can stand in.
    long patience = Math.min(total, Math.max(1, facts.patienceMillis() - used));
    long firstByte =
        variant.control() || !Choice.alike(request.endpoint(), variant, rollout.control())
            ? deadlines.getFirstByte()
            : Math.min(deadlines.getFirstByte(), patience / 2);
    Pool pool = loop.backends().of(rollout.name(), variant);
    Attempt.Call call =
        new Attempt.Call(
            facts.path(),
            request.endpoint(),
            passing,
            request.forVariant(variant.model(), extraBody(variant), true),
            filter(variant),
            request.stream(),
            facts.captured()
                ? Math.max(loop.capturedBytes(rollout), JUDGED_TEXT_CHARS)
                : JUDGED_TEXT_CHARS,
            deadlines.getConnect(),
            Math.max(1, firstByte),
            deadlines.getIdle(),
            total);
    return new Attempt(
        loop,
        variant,
        new Route(
            rollout.name(),
            pool,
            pool.servers().size() > 1 ? request.affinity() : 0,
            holder(variant)),
        call,
        this);
  }

  /** What is merged into the body, on its way to this variant. */
  private BodyPatch extraBody(Variant variant) {
    BodyPatch patch = choice.patch().then(variant.extraBody());
    boolean keyed =
        switch (request.endpoint()) {
          case CHAT_COMPLETIONS, RESPONSES -> variant.cacheKey();
          case COMPLETIONS, EMBEDDINGS, MESSAGES -> false;
        };
    if (!keyed) {
      return patch;
    }
    String own = request.field(CACHE_KEY);
    return patch.then(
        BodyPatch.set(CACHE_KEY, variant.name() + ":" + (own == null ? facts.unit() : own)));
  }

  /** The server that stored what is continued, where this variant did; null where any will do. */
  private @Nullable String holder(Variant variant) {
    ResponseId stored = choice.stored();
    return stored != null && stored.variant().equals(variant.name()) ? stored.origin() : null;
  }

  /**
   * What the client sees of a stream: no usage that it did not ask for, ids that come back here.
   */
  private EventFilter filter(Variant variant) {
    if (request.endpoint() != Endpoint.RESPONSES) {
      return UsageChunkFilter.of(request);
    }
    ResponseIdFilter ids =
        new ResponseIdFilter(id -> signed(variant, id), Choice.previous(request));
    responseIds = ids;
    return ids;
  }

  private String signed(Variant variant, String id) {
    Attempt current = attempt;
    Server server = current == null ? null : current.server();
    String origin = server == null ? "" : server.address().origin();
    return loop.ids().responses().write(new ResponseId(rollout.name(), variant.name(), origin, id));
  }

  private void fallBack(Variant failed, AttemptEnd end) {
    moving = false;
    id = id.servedBy(rollout.control().name(), Why.FALLBACK.name());
    requestId = loop.ids().write(id);
    RequestEvent event = recorded(end, read -> loop.records().attempt(this, failed, read));
    count(event, failed);
    loop.evidence().attempt(ticket, event);
    why = Why.FALLBACK;
    Pool control = loop.backends().of(rollout.name(), rollout.control());
    // The client has nowhere else to go: a limit would only turn one failure into two.
    control.enterAnyway();
    place = control;
    call(rollout.control());
  }

  /** Makes a whole answer ready to be sent, its head written to the response. */
  private Reply ready(Variant variant, AttemptEnd end) {
    Reply reply =
        moving && overridden()
            ? Reply.of(Overrides.removed(variant), request.endpoint())
            : reply(end);
    ResponseIdFilter ids = responseIds;
    if (ids != null && reply.isJson()) {
      reply = reply.withBody(Buffer.buffer(ids.body(reply.body().getBytes())));
    }
    writeHead(new Head(reply.status(), reply.headers()));
    if (Gzip.wanted(http, reply.body(), loop.settings().api().gzipFromBytes())) {
      reply = reply.withBody(Gzip.of(reply.body()));
      response.putHeader("content-encoding", "gzip");
      response.putHeader("vary", "accept-encoding");
    }
    return reply;
  }

  private void close(
      Variant variant, AttemptEnd end, Outcome clientOutcome, @Nullable Integer clientStatus) {
    loop.remove(this);
    RequestEvent event =
        recorded(
            end, read -> loop.records().last(this, variant, read, clientOutcome, clientStatus));
    closed = true;
    count(event, variant);
    loop.evidence().end(ticket, event);
    try {
      loop.capture(this, variant, end);
    } catch (RuntimeException e) {
      failedInside(e);
    }
  }

  /** The attempt's record; without what its answer said, where that cannot be measured. */
  private RequestEvent recorded(AttemptEnd end, Function<AttemptEnd, RequestEvent> write) {
    try {
      return write.apply(end);
    } catch (RuntimeException e) {
      failedInside(e);
      return write.apply(end.unread());
    }
  }

  private void count(RequestEvent event, Variant variant) {
    try {
      loop.told(event, variant);
    } catch (RuntimeException e) {
      failedInside(e);
    }
  }

  private void endStream(AttemptEnd end) {
    switch (end.outcome()) {
      case OK, EMPTY, MALFORMED -> response.end(end.unsent());
      case CUT, TIMEOUT, HTTP_ERROR, CONNECT_ERROR, CANCELLED, REJECTED, ROUTER_DIED, UNKNOWN -> {
        Answer answer = end.answer();
        boolean told = answer != null && answer.error() != null;
        Buffer last =
            told
                ? end.unsent()
                : Buffer.buffer(streamError(end.outcome()).toEvent(request.endpoint()));
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
    Endpoint endpoint = request.endpoint();
    return switch (end.outcome()) {
      case OK, EMPTY, MALFORMED -> Reply.passing(end, endpoint);
      case HTTP_ERROR -> Reply.ofUpstreamError(end, endpoint);
      case CUT ->
          isErrorEvent(end)
              ? Reply.passing(end, endpoint)
              : Reply.of(streamError(Outcome.CUT), endpoint);
      case TIMEOUT ->
          Reply.of(
              OpenAiError.server(504, "The model did not answer in time.", "upstream_timeout"),
              endpoint);
      case CONNECT_ERROR, CANCELLED, REJECTED, ROUTER_DIED, UNKNOWN ->
          Reply.of(
              OpenAiError.server(502, "The model cannot be reached.", "upstream_unreachable"),
              endpoint);
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
    try {
      Headers.toClient(head.headers(), response.headers());
    } catch (RuntimeException e) {
      // Nothing of a head that the client cannot be sent may stay for the next one.
      response.headers().clear();
      loop.cors().handled(http);
      throw e;
    }
    response.setStatusCode(head.status());
    response.putHeader(Headers.REQUEST_ID, requestId);
    if (loop.settings().revealVariant() || overridden()) {
      response.putHeader(Headers.VARIANT, serving.name());
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

  /**
   * Feeds the local trip. A moved or cancelled attempt says nothing about its variant, and a
   * tester's is not evidence.
   */
  private void watch(Variant variant, AttemptEnd end) {
    try {
      feedTrip(variant, end);
    } catch (RuntimeException e) {
      failedInside(e);
    }
  }

  private void feedTrip(Variant variant, AttemptEnd end) {
    if (end.outcome() == Outcome.CANCELLED || overridden()) {
      return;
    }
    if (!variant.control()) {
      loop.tables().candidateEnded(rollout, variant.name(), facts.unit(), end.failed());
    } else {
      loop.tables().controlEnded(rollout, facts.unit(), end.failed());
      if (!choice.assigned().control()) {
        loop.tables().judge(rollout, choice.assigned().name());
      }
    }
  }
}
