package io.serin.router.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.serin.modelcalls.Address;
import io.serin.modelcalls.Server;
import io.serin.openai.Endpoint;
import io.serin.openai.EventFilter;
import io.serin.openai.SseEvent;
import io.serin.openai.SseReader;
import io.serin.openai.answer.Answer;
import io.serin.openai.answer.AnswerReader;
import io.serin.router.http.Head;
import io.serin.router.http.Headers;
import io.serin.router.rollout.Variant;
import io.serin.router.upstream.AnswerListener;
import io.serin.router.upstream.PendingAnswer;
import io.serin.router.upstream.PostRequest;
import io.serin.schemas.Outcome;
import io.vertx.core.buffer.Buffer;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of a variant. A stream is handed over event by event from its first content: what comes
 * before is held, because an empty stream, or one that begins with an error, can still be answered
 * by another variant. A body is handed over whole, at its end.
 *
 * <pre>
 *   start ──► Connecting ──► Waiting ──► Streaming ──► Ended
 *              │  ▲  │  │       │                        ▲
 *              └──┘  │  │       └────────────────────────┤
 *    another server  │  └──────► Holding ────────────────┤
 *                    └───────────────────────────────────┘
 * </pre>
 *
 * <p>Every phase can end at a deadline, by a cancel, by a lost connection, and by an exception in
 * the router itself: that one counts as a failed attempt and gives back everything the attempt
 * held. Lives on one event loop. The listener hears {@link Listener#begun} at most once, {@link
 * Listener#bytes} after it, and {@link Listener#ended} exactly once, last.
 */
final class Attempt implements AnswerListener {

  /** Who asked for the attempt. Called on the event loop. */
  interface Listener {
    /** A stream has its first content: its head may go to the client. */
    void begun(Head head);

    /** Bytes of a begun stream for the client. */
    void bytes(Buffer bytes);

    /** The attempt is over; nothing follows. */
    void ended(AttemptEnd end);
  }

  /**
   * What to send and how long to wait, in milliseconds.
   *
   * @param path the endpoint's path below the variant's base URL, with its query
   * @param endpoint what is asked for
   * @param headers what of the client's may pass
   * @param body the body for this variant
   * @param filter changes what the client may see of a stream
   * @param wantsStream whether the client asked for a stream
   * @param keptTextChars how much of the answer's text is kept
   * @param connect until a connection is there
   * @param firstByte until the first content
   * @param idle between two pieces of the answer
   * @param total until the end
   */
  @SuppressWarnings("ArrayRecordComponent") // Made for every call, compared by nobody.
  record Call(
      String path,
      Endpoint endpoint,
      HttpHeaders headers,
      byte[] body,
      EventFilter filter,
      boolean wantsStream,
      int keptTextChars,
      long connect,
      long firstByte,
      long idle,
      long total) {}

  /** Where an attempt stands. */
  private sealed interface Phase {

    /** No server was asked yet. */
    record Unsent() implements Phase {}

    /**
     * A server was asked; nothing of its answer is there.
     *
     * @param again whether this is the second request to it, after an idle connection was lost
     */
    record Connecting(Server server, boolean again) implements Phase {}

    /** A stream's head is there; its events are held until the first that has content. */
    record Waiting(Server server, Head head, AnswerReader reader) implements Phase {}

    /** A body is held as a whole; the reader is null where it is an error's. */
    record Holding(Server server, Head head, @Nullable AnswerReader reader) implements Phase {}

    /** A stream's bytes go to the client. */
    record Streaming(Server server, Head head, AnswerReader reader) implements Phase {}

    /** Nothing follows. */
    record Ended(@Nullable Server server) implements Phase {}

    /** The server that is asked, or was asked last; null before the first. */
    default @Nullable Server asked() {
      return switch (this) {
        case Unsent() -> null;
        case Connecting(Server server, boolean _) -> server;
        case Waiting(Server server, Head _, AnswerReader _) -> server;
        case Holding(Server server, Head _, AnswerReader _) -> server;
        case Streaming(Server server, Head _, AnswerReader _) -> server;
        case Ended(Server server) -> server;
      };
    }

    /** What the server answered; null before. */
    default @Nullable Head answered() {
      return switch (this) {
        case Unsent(), Connecting(Server _, boolean _), Ended(Server _) -> null;
        case Waiting(Server _, Head head, AnswerReader _) -> head;
        case Holding(Server _, Head head, AnswerReader _) -> head;
        case Streaming(Server _, Head head, AnswerReader _) -> head;
      };
    }

    /** Reads a stream; null where none is there. */
    default @Nullable AnswerReader stream() {
      return switch (this) {
        case Unsent(), Connecting(Server _, boolean _), Ended(Server _) -> null;
        case Holding(Server _, Head _, AnswerReader _) -> null;
        case Waiting(Server _, Head _, AnswerReader reader) -> reader;
        case Streaming(Server _, Head _, AnswerReader reader) -> reader;
      };
    }
  }

  /** How many servers of the variant one attempt may try. */
  private static final int MOST_SERVERS = 3;

  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

  private final Loop loop;
  private final Variant variant;
  private final Route route;
  private final Call call;
  private final Listener listener;
  private final long startedNanos;

  private final SseReader events = new SseReader();
  private Phase phase = new Phase.Unsent();
  private @Nullable PendingAnswer pending;
  private boolean paused;

  /** Whether the stream said that it is complete. */
  private boolean complete;

  private Set<Server> tried = Set.of();
  private Buffer held = Buffer.buffer();
  private long ttftNanos = -1;
  private long lastBytesNanos;
  private long responseBytes;
  private long contentEvents;
  private int watchedAt = -1;

  Attempt(Loop loop, Variant variant, Route route, Call call, Listener listener) {
    this.loop = loop;
    this.variant = variant;
    this.route = route;
    this.call = call;
    this.listener = listener;
    this.startedNanos = loop.nanoTime();
    this.lastBytesNanos = startedNanos;
  }

  /** Asks the first server. Never throws: what goes wrong ends the attempt. */
  void start() {
    try {
      loop.deadlines().add(this);
      route.pool().budget().earn();
      Server first = route.first(startedNanos);
      if (first == null) {
        end(Outcome.CONNECT_ERROR);
      } else {
        call(first, loop.nanoTime());
      }
    } catch (RuntimeException e) {
      broken(e);
    }
  }

  /** The server that is asked, or was asked last; null before the first. */
  @Nullable Server server() {
    return phase.asked();
  }

  /** The variant called. */
  Variant variant() {
    return variant;
  }

  /**
   * Whether a byte of the answer came that counts as begun: a stream's first content, a body's
   * first byte.
   */
  boolean hasFirstByte() {
    return phase instanceof Phase.Streaming || ttftNanos >= 0;
  }

  /** Stops the call at once: the model server sees its connection closed. */
  void cancel() {
    end(Outcome.CANCELLED);
  }

  /** Holds the variant back while the client is slow. */
  void pause() {
    paused = true;
    PendingAnswer sent = pending;
    if (sent != null && !over()) {
      sent.pause();
    }
  }

  /** Reads again after {@link #pause}. */
  void resume() {
    paused = false;
    lastBytesNanos = loop.nanoTime();
    PendingAnswer sent = pending;
    if (sent != null && !over()) {
      sent.resume();
    }
  }

  private void call(Server next, long now) {
    phase = new Phase.Connecting(next, false);
    next.began(now);
    connect(next.address());
  }

  private boolean over() {
    return phase instanceof Phase.Ended;
  }

  /** An exception in the router: the attempt failed, and nothing is held against the server. */
  private void broken(RuntimeException failure) {
    LOG.atError()
        .setCause(failure)
        .addKeyValue("rollout", route.rollout())
        .addKeyValue("variant", variant.name())
        .addKeyValue("phase", phase.getClass().getSimpleName())
        .addKeyValue("event", "attempt-failed-inside")
        .log("an attempt failed inside the router");
    conclude(phase.answered() == null ? Outcome.CONNECT_ERROR : Outcome.CUT, null, false);
  }

  private void connect(Address address) {
    HttpHeaders headers = Headers.toVariant(call.headers(), variant);
    headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    pending =
        loop.connections()
            .call(
                address,
                call.connect(),
                new PostRequest(address.target(call.path()), headers, call.body()),
                this);
  }

  /** No connection, or none any more before anything was answered. */
  private void lost(Throwable failure) {
    Outcome outcome = outcomeOf(failure);
    if (outcome == Outcome.TIMEOUT || !elsewhere(Outcome.CONNECT_ERROR, 0)) {
      end(outcome);
    }
  }

  /**
   * Asks another server of the variant, where one is left that was not tried and the budget of
   * retries allows it.
   */
  private boolean elsewhere(Outcome outcome, int status) {
    Server here = phase.asked();
    if (over() || here == null || route.pool().servers().size() < 2) {
      return false;
    }
    long now = loop.nanoTime();
    Set<Server> next = new HashSet<>(tried);
    next.add(here);
    Server other = next.size() < MOST_SERVERS ? route.next(next, now) : null;
    if (other == null || !route.pool().budget().spend()) {
      return false;
    }
    judge(here, outcome, status, now);
    tried = next;
    pending = null;
    call(other, now);
    return true;
  }

  /** Reports to a server's breaker how a call went. */
  private void judge(Server here, Outcome outcome, int status, long nowNanos) {
    if (here.ended(outcome, status, nowNanos)) {
      LOG.atWarn()
          .addKeyValue("rollout", route.rollout())
          .addKeyValue("variant", variant.name())
          .addKeyValue("server", here.address().origin())
          .addKeyValue("breaker", here.breaker().state().getClass().getSimpleName())
          .addKeyValue("outcome", outcome)
          .addKeyValue("event", "breaker-changed")
          .log("a model server's circuit breaker changed");
    }
  }

  /**
   * The connection was lost. Before its answer, one that was idle before may have been closed by
   * the variant just as the request was sent, which says nothing about the variant: it gets one
   * more chance, on the same deadlines.
   */
  @Override
  public void failed(Throwable why, boolean reused) {
    try {
      switch (phase) {
        case Phase.Unsent(), Phase.Ended(Server _) -> {}
        case Phase.Connecting(Server here, boolean again) -> {
          if (reused && !again && outcomeOf(why) == Outcome.CONNECT_ERROR) {
            phase = new Phase.Connecting(here, true);
            connect(here.address());
          } else {
            lost(why);
          }
        }
        case Phase.Waiting _, Phase.Holding _, Phase.Streaming _ -> end(Outcome.CUT);
      }
    } catch (RuntimeException e) {
      broken(e);
    }
  }

  @Override
  public void head(HttpResponse answer) {
    try {
      switch (phase) {
        case Phase.Connecting(Server here, boolean _) -> answered(here, answer);
        case Phase.Unsent _,
            Phase.Waiting _,
            Phase.Holding _,
            Phase.Streaming _,
            Phase.Ended _ -> {}
      }
    } catch (RuntimeException e) {
      broken(e);
    }
  }

  private void answered(Server here, HttpResponse answer) {
    int status = answer.status().code();
    PendingAnswer sent = pending;
    if (isBusy(status) && elsewhere(Outcome.HTTP_ERROR, status)) {
      if (sent != null) {
        sent.cancel();
      }
      return;
    }
    Head head = new Head(status, answer.headers());
    boolean ok = status >= 200 && status < 300;
    String type = answer.headers().get(HttpHeaderNames.CONTENT_TYPE);
    if (ok && AnswerReader.isEventStream(type)) {
      phase = new Phase.Waiting(here, head, AnswerReader.ofStream(call.keptTextChars()));
    } else {
      phase =
          new Phase.Holding(
              here,
              head,
              ok
                  ? AnswerReader.ofBody(call.keptTextChars(), loop.settings().maxAnswerBytes())
                  : null);
    }
  }

  /** Another server may have time, or be up. */
  private static boolean isBusy(int status) {
    return status == 429 || (status >= 502 && status <= 504);
  }

  @Override
  public void bytes(ByteBuf content) {
    if (over()) {
      return;
    }
    try {
      lastBytesNanos = loop.nanoTime();
      responseBytes += content.readableBytes();
      byte[] bytes = ByteBufUtil.getBytes(content);
      AnswerReader stream = phase.stream();
      if (stream == null) {
        bodyChunk(bytes);
      } else {
        streamChunk(stream, bytes);
      }
    } catch (RuntimeException e) {
      broken(e);
    }
  }

  private void bodyChunk(byte[] bytes) {
    if (responseBytes > loop.settings().maxAnswerBytes()) {
      // Larger than may be held: the router itself stops it, and no half of it reaches the client.
      end(Outcome.CUT);
      return;
    }
    if (ttftNanos < 0) {
      ttftNanos = lastBytesNanos - startedNanos;
    }
    held.appendBytes(bytes);
  }

  private void streamChunk(AnswerReader stream, byte[] bytes) {
    boolean begun = phase instanceof Phase.Streaming;
    Buffer out = begun ? Buffer.buffer(bytes.length) : held;
    Buffer last = Buffer.buffer();
    events.feed(bytes, event -> take(stream, event, out, last));
    if (complete) {
      complete(stream, out, last);
    } else if (begun) {
      if (out.length() > 0) {
        listener.bytes(out);
      }
    } else if (ttftNanos >= 0 || held.length() > loop.settings().maxHeldBytes()) {
      begin();
    }
  }

  /**
   * Reads one event; the last event's bytes are kept apart, for they may leave only when the
   * evidence is written.
   */
  private void take(AnswerReader stream, SseEvent event, Buffer out, Buffer last) {
    if (complete) {
      return;
    }
    stream.event(event);
    if (call.endpoint().ends(event)) {
      complete = true;
      call.filter().pass(event, last::appendBytes);
      return;
    }
    if (stream.hasContent() && event.hasData()) {
      contentEvents++;
      if (ttftNanos < 0) {
        ttftNanos = lastBytesNanos - startedNanos;
      }
    }
    call.filter().pass(event, out::appendBytes);
  }

  /** Lets what is held of a stream go. A head that the client cannot be sent leaves it held. */
  private void begin() {
    if (!(phase instanceof Phase.Waiting(Server here, Head head, AnswerReader reader))) {
      return;
    }
    listener.begun(head);
    phase = new Phase.Streaming(here, head, reader);
    Buffer bytes = held;
    held = Buffer.buffer();
    if (bytes.length() > 0) {
      listener.bytes(bytes);
    }
  }

  @Override
  public void ended() {
    pending = null;
    try {
      switch (phase) {
        case Phase.Unsent _, Phase.Connecting _, Phase.Ended _ -> {}
        case Phase.Holding(Server _, Head _, AnswerReader reader) -> {
          if (reader == null) {
            end(Outcome.HTTP_ERROR, null);
          } else {
            Answer answer = reader.finish(held.getBytes());
            end(outcomeOf(answer), answer);
          }
        }
        case Phase.Waiting(Server _, Head _, AnswerReader reader) -> finish(reader, held);
        case Phase.Streaming(Server _, Head _, AnswerReader reader) ->
            finish(reader, Buffer.buffer());
      }
    } catch (RuntimeException e) {
      broken(e);
    }
  }

  private void finish(AnswerReader stream, Buffer out) {
    Buffer last = Buffer.buffer();
    events.finish(event -> take(stream, event, out, last));
    complete(stream, out, last);
  }

  /** A stream is at its end: it said so, or its connection ended cleanly. */
  private void complete(AnswerReader stream, Buffer out, Buffer last) {
    boolean begun = phase instanceof Phase.Streaming;
    Answer answer = stream.finish();
    Outcome outcome = outcomeOf(answer);
    if (begun || outcome == Outcome.OK) {
      if (!begun) {
        begin();
      } else if (out.length() > 0) {
        listener.bytes(out);
      }
      held = last;
    } else {
      held.appendBuffer(last);
    }
    end(outcome, answer);
  }

  /** What model-calls decides of an answer that came to its end. */
  private Outcome outcomeOf(Answer answer) {
    return io.serin.modelcalls.AttemptEnd.outcome(answer, call.wantsStream(), held.length() == 0);
  }

  private void end(Outcome outcome) {
    AnswerReader stream = phase.stream();
    Answer answer = null;
    try {
      answer = stream == null || responseBytes == 0 ? null : stream.finish();
    } catch (RuntimeException e) {
      broken(e);
    }
    end(outcome, answer);
  }

  private void end(Outcome outcome, @Nullable Answer answer) {
    conclude(outcome, answer, true);
  }

  /**
   * Gives back what the attempt holds, then says how it ended.
   *
   * @param judged whether the outcome says something about the server
   */
  private void conclude(Outcome outcome, @Nullable Answer answer, boolean judged) {
    Phase last = phase;
    if (last instanceof Phase.Ended) {
      return;
    }
    Server here = last.asked();
    Head head = last.answered();
    phase = new Phase.Ended(here);
    loop.deadlines().remove(this);
    releaseConnection(outcome);
    long now = now();
    if (here != null) {
      int status = head == null ? 0 : head.status();
      judge(here, judged ? outcome : Outcome.CANCELLED, status, now);
    }
    listener.ended(
        new AttemptEnd(
            outcome,
            head,
            answer,
            held,
            last instanceof Phase.Streaming,
            ttftNanos,
            now - startedNanos,
            responseBytes,
            contentEvents));
  }

  /**
   * The time; of the last bytes where the clock fails, for an attempt must end whatever happens.
   */
  private long now() {
    try {
      return loop.nanoTime();
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("event", "clock-failed").log("the clock failed");
      return lastBytesNanos;
    }
  }

  /**
   * A complete answer's connection is used again once its last bytes are read; any other is closed.
   */
  private void releaseConnection(Outcome outcome) {
    PendingAnswer sent = pending;
    pending = null;
    if (sent == null) {
      return;
    }
    switch (outcome) {
      case OK, EMPTY, MALFORMED, HTTP_ERROR -> sent.finish();
      case CANCELLED, TIMEOUT, CUT, CONNECT_ERROR, REJECTED, ROUTER_DIED, UNKNOWN -> sent.cancel();
    }
  }

  private static Outcome outcomeOf(Throwable failure) {
    return failure instanceof TimeoutException ? Outcome.TIMEOUT : Outcome.CONNECT_ERROR;
  }

  /** Its index among those that are watched; −1 for none. */
  int watchedAt() {
    return watchedAt;
  }

  void watchedAt(int place) {
    watchedAt = place;
  }

  /** Ends it where its deadline is over. */
  void look(long nowNanos) {
    if (nowNanos - deadlineNanos() >= 0) {
      end(Outcome.TIMEOUT);
    }
  }

  private long deadlineNanos() {
    long total = startedNanos + TimeUnit.MILLISECONDS.toNanos(call.total());
    long next;
    if (!hasFirstByte()) {
      next = startedNanos + TimeUnit.MILLISECONDS.toNanos(call.firstByte());
    } else if (paused) {
      next = loop.nanoTime() + TimeUnit.MILLISECONDS.toNanos(call.idle());
    } else {
      next = lastBytesNanos + TimeUnit.MILLISECONDS.toNanos(call.idle());
    }
    return next - total < 0 ? next : total;
  }
}
