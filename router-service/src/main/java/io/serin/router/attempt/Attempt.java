package io.serin.router.attempt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponse;
import io.serin.modelcalls.Address;
import io.serin.modelcalls.AttemptEnd;
import io.serin.modelcalls.Server;
import io.serin.openai.answer.Answer;
import io.serin.openai.answer.AnswerReader;
import io.serin.router.http.Head;
import io.serin.router.memory.Hold;
import io.serin.router.rollout.Variant;
import io.serin.router.upstream.AnswerListener;
import io.serin.router.upstream.PendingAnswer;
import io.serin.schemas.Outcome;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * One call of a variant. A stream is handed over event by event from its first content. What comes
 * before is held: an empty stream, or one that begins with an error, can still be answered by
 * another variant. A body is handed over whole, at its end.
 *
 * <pre>
 *   Unsent ──► Connecting ──► Waiting ──► Streaming ──► Ended
 *               │  ▲  │  │       │                        ▲
 *               └──┘  │  │       └────────────────────────┤
 *     another server  │  └──────► Holding ────────────────┤
 *                     └───────────────────────────────────┘
 * </pre>
 *
 * <p>Every phase can end at a deadline, by a cancel, by a lost connection, and by an exception in
 * the router itself. An exception counts as a failed attempt and gives back everything the attempt
 * held. Lives on one event loop. The listener hears {@link AttemptListener#begun} at most once,
 * {@link AttemptListener#bytes} after it, and {@link AttemptListener#ended} exactly once, last.
 */
public final class Attempt extends DeadlineWatch.Watched implements AnswerListener {

  private final Upstreams upstreams;
  private final Variant variant;
  private final Route route;
  private final Call call;
  private final AttemptListener listener;
  private final long startedNanos;
  private final Received received;
  private Phase phase = new Phase.Unsent();
  private @Nullable PendingAnswer pending;

  /** An attempt that {@link #start} begins; the request's memory pays for what it holds. */
  public Attempt(
      Upstreams upstreams,
      Variant variant,
      Route route,
      Call call,
      Hold memory,
      AttemptListener listener) {
    this.upstreams = upstreams;
    this.variant = variant;
    this.route = route;
    this.call = call;
    this.listener = listener;
    this.startedNanos = nanoTime();
    this.received = new Received(startedNanos, memory);
  }

  /** Asks the first server. Never throws: what goes wrong ends the attempt. */
  public void start() {
    try {
      upstreams.deadlines().add(this);
      Server first = route.first(startedNanos);
      if (first == null) {
        end(Outcome.CONNECT_ERROR);
      } else {
        ask(first, new Phase.Unsent().asks(first), nanoTime());
      }
    } catch (RuntimeException e) {
      broken(e);
    }
  }

  /** The server that is asked, or was asked last; null before the first. */
  public @Nullable Server server() {
    return phase.asked();
  }

  /** The variant called. */
  public Variant variant() {
    return variant;
  }

  /**
   * Whether the answer has begun: a stream's first content came, or a body's first byte that is not
   * white space.
   */
  public boolean hasFirstByte() {
    return phase instanceof Phase.Streaming || received.hasContent();
  }

  /** Stops the call at once: the model server sees its connection closed. */
  public void cancel() {
    end(Outcome.CANCELLED);
  }

  /** Holds the variant back while the client is slow. */
  public void pause() {
    if (phase instanceof Phase.Streaming streaming) {
      phase = streaming.paused(true);
      PendingAnswer sent = pending;
      if (sent != null) {
        sent.pause();
      }
    }
  }

  /** Reads again after {@link #pause}. */
  public void resume() {
    if (phase instanceof Phase.Streaming streaming) {
      phase = streaming.paused(false);
      received.resumed(nanoTime());
      PendingAnswer sent = pending;
      if (sent != null) {
        sent.resume();
      }
    }
  }

  private void ask(Server server, Phase.Connecting next, long nowNanos) {
    phase = next;
    server.began(nowNanos);
    connect(server.address());
  }

  private void connect(Address address) {
    pending =
        upstreams
            .connections()
            .call(address, call.deadlines().connect(), call.request(address, variant), this);
  }

  /** Asks another server of the variant, if one is left. */
  private boolean askElsewhere(Phase.Connecting here, Outcome outcome, int status) {
    long now = nanoTime();
    Server other = route.after(here.server(), now);
    if (other == null) {
      return false;
    }
    route.ended(here.server(), outcome, status, now);
    pending = null;
    ask(other, here.asks(other), now);
    return true;
  }

  /**
   * The connection was lost. A server may have closed an idle connection just as the request was
   * sent, which says nothing about the variant: it is asked once more, on the same deadlines.
   */
  @Override
  public void failed(Throwable why, boolean stale) {
    try {
      switch (phase) {
        case Phase.Unsent _, Phase.Ended _ -> {}
        case Phase.Connecting here -> {
          Outcome outcome = AttemptReply.outcomeOf(why);
          if (outcome == Outcome.CONNECT_ERROR && stale && !here.again()) {
            phase = here.asksAgain();
            connect(here.server().address());
          } else if (outcome != Outcome.CONNECT_ERROR || !askElsewhere(here, outcome, 0)) {
            end(outcome);
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
      if (phase instanceof Phase.Connecting here) {
        answered(here, answer);
      }
    } catch (RuntimeException e) {
      broken(e);
    }
  }

  private void answered(Phase.Connecting here, HttpResponse answer) {
    Head head = new Head(answer.status().code(), answer.headers());
    PendingAnswer sent = pending;
    if (head.isBusy() && askElsewhere(here, Outcome.HTTP_ERROR, head.status())) {
      if (sent != null) {
        sent.cancel();
      }
      return;
    }
    phase = here.answered(head, call, received, upstreams.maxAnswerBytes());
  }

  @Override
  public void bytes(ByteBuf content) {
    try {
      switch (phase) {
        case Phase.Unsent _, Phase.Connecting _, Phase.Ended _ -> {}
        case Phase.Holding _ -> bodyPiece(ByteBufUtil.getBytes(content));
        case Phase.Waiting waiting ->
            read(waiting.reading(), ByteBufUtil.getBytes(content), received.held());
        case Phase.Streaming streaming ->
            read(
                streaming.reading(),
                ByteBufUtil.getBytes(content),
                Buffer.buffer(content.readableBytes()));
      }
    } catch (RuntimeException e) {
      broken(e);
    }
  }

  /** Larger than may be held is cut: no half of a body reaches the client. */
  private void bodyPiece(byte[] piece) {
    if (!received.bodyPiece(piece, nanoTime())) {
      end(Outcome.REJECTED);
    } else if (received.bytes() > upstreams.maxAnswerBytes()) {
      end(Outcome.CUT);
    }
  }

  private void read(StreamReading stream, byte[] piece, Buffer out) {
    received.streamed(piece.length, nanoTime());
    stream.feed(piece, out);
    if (stream.complete()) {
      complete(stream, out);
    } else if (phase instanceof Phase.Streaming) {
      if (out.length() > 0) {
        listener.bytes(out);
      }
    } else if (received.hasContent() || out.length() > upstreams.maxHeldBytes()) {
      begin();
    }
  }

  /** Releases what is held of a stream. A head that the client cannot be sent leaves it held. */
  private void begin() {
    if (phase instanceof Phase.Waiting waiting) {
      listener.begun(waiting.head());
      phase = waiting.begins();
      Buffer bytes = received.release();
      if (bytes.length() > 0) {
        listener.bytes(bytes);
      }
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
            conclude(Outcome.HTTP_ERROR, null, Outcome.HTTP_ERROR);
          } else {
            Answer answer = reader.finish(received.held().getBytes());
            Outcome outcome = outcomeOf(answer);
            conclude(outcome, answer, outcome);
          }
        }
        case Phase.Waiting waiting -> {
          waiting.reading().finish(received.held());
          complete(waiting.reading(), received.held());
        }
        case Phase.Streaming streaming -> {
          Buffer out = Buffer.buffer();
          streaming.reading().finish(out);
          complete(streaming.reading(), out);
        }
      }
    } catch (RuntimeException e) {
      broken(e);
    }
  }

  /** A stream is at its end: it said so, or its connection ended cleanly. */
  private void complete(StreamReading stream, Buffer out) {
    boolean begun = phase instanceof Phase.Streaming;
    Answer answer = stream.answer();
    Outcome outcome = outcomeOf(answer);
    if (begun) {
      if (out.length() > 0) {
        listener.bytes(out);
      }
      received.hold(stream.last());
    } else if (outcome == Outcome.OK) {
      begin();
      received.hold(stream.last());
    } else {
      received.held().appendBuffer(stream.last());
    }
    conclude(outcome, answer, outcome);
  }

  /** What model-calls decides of an answer that came to its end. */
  private Outcome outcomeOf(Answer answer) {
    return AttemptEnd.outcome(answer, call.wantsStream(), received.held().length() == 0);
  }

  /** Ends the attempt before its answer is complete. */
  private void end(Outcome outcome) {
    StreamReading stream = phase.stream();
    Answer answer = null;
    try {
      answer = stream == null || received.bytes() == 0 ? null : stream.answer();
    } catch (RuntimeException e) {
      broken(e);
    }
    conclude(outcome, answer, outcome);
  }

  /** An exception in the router: the attempt failed, and nothing is held against the server. */
  private void broken(RuntimeException failure) {
    Lost.log(failure, route, phase);
    Outcome outcome = phase.answered() == null ? Outcome.CONNECT_ERROR : Outcome.CUT;
    conclude(outcome, null, Outcome.CANCELLED);
  }

  /**
   * Gives back what the attempt holds, then says how it ended.
   *
   * @param forServer what the server's breaker is told
   */
  private void conclude(Outcome outcome, @Nullable Answer answer, Outcome forServer) {
    Phase last = phase;
    if (last instanceof Phase.Ended) {
      return;
    }
    phase = last.ends();
    upstreams.deadlines().remove(this);
    releaseConnection(outcome);
    long now = upstreams.nanoTimeOr(received.lastPieceNanos());
    Server asked = last.asked();
    Head head = last.answered();
    if (asked != null) {
      route.ended(asked, forServer, head == null ? 0 : head.status(), now);
    }
    listener.ended(
        new AttemptReply(
            received.end(outcome, head == null ? null : head.status(), answer, now),
            head,
            received.held(),
            last instanceof Phase.Streaming));
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
    if (Lost.leavesConnection(outcome)) {
      sent.finish();
    } else {
      sent.cancel();
    }
  }

  @Override
  protected void check(long nowNanos) {
    CallDeadlines deadlines = call.deadlines();
    long deadline;
    if (!hasFirstByte()) {
      deadline = deadlines.firstContentBy(startedNanos, startedNanos);
    } else if (phase instanceof Phase.Streaming streaming && streaming.paused()) {
      deadline = deadlines.endBy(startedNanos);
    } else {
      deadline = deadlines.nextPieceBy(startedNanos, received.lastPieceNanos());
    }
    if (nowNanos - deadline >= 0) {
      end(Outcome.TIMEOUT);
    }
  }

  private long nanoTime() {
    return upstreams.nanoTime().getAsLong();
  }
}
