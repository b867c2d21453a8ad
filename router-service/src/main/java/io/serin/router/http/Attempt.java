package io.serin.router.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.serin.modelcalls.Address;
import io.serin.modelcalls.Server;
import io.serin.openai.Answer;
import io.serin.openai.AnswerReader;
import io.serin.openai.Endpoint;
import io.serin.openai.EventFilter;
import io.serin.openai.SseEvent;
import io.serin.openai.SseReader;
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
 * One call of a variant. A stream is handed over event by event, from the first that has content:
 * what comes before is held, so that an empty stream, or one that begins with an error, can still
 * be answered by another variant. A body is handed over whole, at the end.
 *
 * <p>Lives on one event loop. The listener hears {@link Listener#begun} at most once, {@link
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
  private @Nullable PendingAnswer pending;
  private @Nullable Head head;
  private @Nullable AnswerReader reader;
  private boolean streaming;
  private boolean begun;
  private boolean done;
  private boolean over;
  private boolean triedAgain;
  private boolean upstreamDone;
  private boolean paused;
  private @Nullable Server server;
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

  void start() {
    loop.deadlines().add(this);
    route.pool().budget().earn();
    Server first = route.first(startedNanos);
    if (first == null) {
      end(Outcome.CONNECT_ERROR);
    } else {
      call(first);
    }
  }

  /** The server that is asked, or was asked last; null before the first. */
  @Nullable Server server() {
    return server;
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
    return begun || ttftNanos >= 0;
  }

  /** Stops the call at once: the variant sees its connection reset. */
  void cancel() {
    end(Outcome.CANCELLED);
  }

  /** Holds the variant back while the client is slow. */
  void pause() {
    paused = true;
    PendingAnswer sent = pending;
    if (sent != null && !over) {
      sent.pause();
    }
  }

  /** Goes on after {@link #pause}. */
  void resume() {
    paused = false;
    lastBytesNanos = loop.nanoTime();
    PendingAnswer sent = pending;
    if (sent != null && !over) {
      sent.resume();
    }
  }

  private void call(Server next) {
    server = next;
    next.began(loop.nanoTime());
    connect(next.address());
  }

  private void connect(Address address) {
    HttpHeaders headers = Headers.toVariant(call.headers(), variant);
    headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    pending =
        loop.connections()
            .call(
                address,
                call.connect(),
                new PostRequest(address.basePath() + call.path(), headers, call.body()),
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
   * Goes on at another server of the variant, as long as one is left that was not tried, and the
   * budget allows.
   */
  private boolean elsewhere(Outcome outcome, int status) {
    Server here = server;
    if (over || here == null || route.pool().servers().size() < 2) {
      return false;
    }
    Set<Server> next = new HashSet<>(tried);
    next.add(here);
    Server other = next.size() < MOST_SERVERS ? route.next(next, loop.nanoTime()) : null;
    if (other == null || !route.pool().budget().spend()) {
      return false;
    }
    judge(here, outcome, status);
    tried = next;
    pending = null;
    triedAgain = false;
    call(other);
    return true;
  }

  /** Tells a server's breaker how a call went. */
  private void judge(Server here, Outcome outcome, int status) {
    boolean changed = here.ended(outcome, status, loop.nanoTime());
    if (changed) {
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
    Server here = server;
    if (over) {
      return;
    }
    if (head != null) {
      end(Outcome.CUT);
    } else if (reused && !triedAgain && here != null && outcomeOf(why) == Outcome.CONNECT_ERROR) {
      triedAgain = true;
      connect(here.address());
    } else {
      lost(why);
    }
  }

  @Override
  public void head(HttpResponse answer) {
    if (over) {
      return;
    }
    int status = answer.status().code();
    PendingAnswer sent = pending;
    if (isBusy(status) && elsewhere(Outcome.HTTP_ERROR, status)) {
      if (sent != null) {
        sent.cancel();
      }
      return;
    }
    head = new Head(status, answer.headers());
    boolean ok = status >= 200 && status < 300;
    streaming =
        ok && AnswerReader.isEventStream(answer.headers().get(HttpHeaderNames.CONTENT_TYPE));
    if (ok) {
      reader =
          streaming
              ? AnswerReader.ofStream(call.keptTextChars())
              : AnswerReader.ofBody(call.keptTextChars(), loop.settings().maxAnswerBytes());
    }
  }

  /** Another server may have time, or be up. */
  private static boolean isBusy(int status) {
    return status == 429 || (status >= 502 && status <= 504);
  }

  @Override
  public void bytes(ByteBuf content) {
    if (over) {
      return;
    }
    lastBytesNanos = loop.nanoTime();
    responseBytes += content.readableBytes();
    byte[] bytes = ByteBufUtil.getBytes(content);
    if (streaming) {
      streamChunk(bytes);
    } else {
      bodyChunk(bytes);
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

  private void streamChunk(byte[] bytes) {
    Buffer out = begun ? Buffer.buffer(bytes.length) : held;
    Buffer last = Buffer.buffer();
    events.feed(bytes, event -> take(event, out, last));
    if (done) {
      complete(out, last);
      return;
    }
    if (!begun && (ttftNanos >= 0 || held.length() > loop.settings().maxHeldBytes())) {
      begin();
    } else if (begun && out.length() > 0) {
      listener.bytes(out);
    }
  }

  /**
   * Reads one event; the last event's bytes are kept apart, for they may leave only when the
   * evidence is written.
   */
  private void take(SseEvent event, Buffer out, Buffer last) {
    AnswerReader answer = reader;
    if (answer == null || done) {
      return;
    }
    answer.event(event);
    if (call.endpoint().ends(event)) {
      done = true;
      call.filter().pass(event, last::appendBytes);
      return;
    }
    if (answer.hasContent() && event.hasData()) {
      contentEvents++;
      if (ttftNanos < 0) {
        ttftNanos = lastBytesNanos - startedNanos;
      }
    }
    call.filter().pass(event, out::appendBytes);
  }

  private void begin() {
    Head first = head;
    if (first == null) {
      return;
    }
    begun = true;
    Buffer bytes = held;
    held = Buffer.buffer();
    listener.begun(first);
    if (bytes.length() > 0) {
      listener.bytes(bytes);
    }
  }

  @Override
  public void ended() {
    upstreamDone = true;
    if (over) {
      return;
    }
    if (!streaming) {
      AnswerReader body = reader;
      if (body == null) {
        end(Outcome.HTTP_ERROR, null);
        return;
      }
      Answer answer = body.finish(held.getBytes());
      end(
          io.serin.modelcalls.AttemptEnd.outcome(answer, call.wantsStream(), held.length() == 0),
          answer);
      return;
    }
    Buffer out = begun ? Buffer.buffer() : held;
    Buffer last = Buffer.buffer();
    events.finish(event -> take(event, out, last));
    complete(out, last);
  }

  /** A stream is at its end: it said so, or its connection ended cleanly. */
  private void complete(Buffer out, Buffer last) {
    AnswerReader stream = reader;
    Answer answer = stream == null ? null : stream.finish();
    Outcome outcome =
        answer == null
            ? Outcome.MALFORMED
            : io.serin.modelcalls.AttemptEnd.outcome(answer, call.wantsStream(), false);
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

  private void end(Outcome outcome) {
    if (over) {
      return;
    }
    AnswerReader answer = reader;
    end(outcome, answer == null || !streaming || responseBytes == 0 ? null : answer.finish());
  }

  private void end(Outcome outcome, @Nullable Answer answer) {
    if (over) {
      return;
    }
    over = true;
    loop.deadlines().remove(this);
    releaseConnection(outcome);
    Server here = server;
    if (here != null) {
      judge(here, outcome, head == null ? 0 : head.status());
    }
    long now = loop.nanoTime();
    listener.ended(
        new AttemptEnd(
            outcome,
            head,
            answer,
            held,
            begun,
            ttftNanos,
            now - startedNanos,
            responseBytes,
            contentEvents));
  }

  /**
   * A complete answer's connection is used again once its last bytes are read; any other is closed.
   */
  private void releaseConnection(Outcome outcome) {
    PendingAnswer sent = pending;
    if (sent == null || upstreamDone) {
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

  /** Its place among those that are watched; −1 for none. */
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
    if (!begun && ttftNanos < 0) {
      next = startedNanos + TimeUnit.MILLISECONDS.toNanos(call.firstByte());
    } else if (paused) {
      next = loop.nanoTime() + TimeUnit.MILLISECONDS.toNanos(call.idle());
    } else {
      next = lastBytesNanos + TimeUnit.MILLISECONDS.toNanos(call.idle());
    }
    return next - total < 0 ? next : total;
  }
}
