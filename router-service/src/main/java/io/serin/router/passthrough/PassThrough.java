package io.serin.router.passthrough;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.serin.modelcalls.Address;
import io.serin.modelcalls.Server;
import io.serin.openai.OpenAiError;
import io.serin.openai.ResponseIdFilter;
import io.serin.router.attempt.CallDeadlines;
import io.serin.router.attempt.DeadlineWatch;
import io.serin.router.attempt.Route;
import io.serin.router.attempt.Upstreams;
import io.serin.router.http.Closing;
import io.serin.router.http.Headers;
import io.serin.router.memory.Hold;
import io.serin.router.upstream.AnswerListener;
import io.serin.router.upstream.PendingAnswer;
import io.serin.router.upstream.UpstreamRequest;
import io.serin.schemas.Outcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A request that is not evidence: handed to one variant and back as it is, both bodies as they
 * come, with the variant's credential and within its deadlines.
 *
 * <pre>
 *   Sending ──body sent──► Waiting ──head──► Passing ──► Ended
 *      │                      │ ▲              ▲           ▲
 *      │                      └─┘ stale        │           │
 *      └───────────────head before the body's end          │
 *   any ──deadline, client left, connection lost───────────┘
 * </pre>
 *
 * <p>Requests are not retried, except that one without a body is sent once more if an idle
 * connection was lost. Lives on one event loop.
 */
final class PassThrough extends DeadlineWatch.Watched implements AnswerListener {

  private final Upstreams upstreams;
  private final HttpServerRequest http;
  private final HttpServerResponse response;
  private final Route route;
  private final Server server;
  private final UpstreamRequest request;
  private final CallDeadlines deadlines;
  private final @Nullable ResponseIdFilter ids;
  private final Hold memory;
  private final Runnable whenEnded;
  private final long startedNanos;
  private PassState state;
  private long lastPieceNanos;
  private @Nullable PendingAnswer pending;

  /**
   * A request that {@link #start} hands on.
   *
   * @param ids makes ids of stored responses the router's own; null leaves bodies as they are
   * @param whenEnded gives back what the request holds; run once
   */
  PassThrough(
      Upstreams upstreams,
      HttpServerRequest http,
      Route route,
      Server server,
      UpstreamRequest request,
      CallDeadlines deadlines,
      @Nullable ResponseIdFilter ids,
      Runnable whenEnded) {
    this.upstreams = upstreams;
    this.http = http;
    this.response = http.response();
    this.route = route;
    this.server = server;
    this.request = request;
    this.deadlines = deadlines;
    this.ids = ids;
    this.memory = upstreams.memory().hold();
    this.whenEnded = whenEnded;
    this.startedNanos = upstreams.nanoTime().getAsLong();
    this.lastPieceNanos = startedNanos;
    this.state = hasBody() ? new PassState.Sending(true) : new PassState.Waiting(false);
  }

  /** Hands the request on. Never throws: what goes wrong ends it. */
  void start() {
    server.began(startedNanos);
    try {
      upstreams.deadlines().add(this);
      response.exceptionHandler(failure -> clientLeft());
      response.closeHandler(closed -> clientLeft());
      if (hasBody()) {
        http.pause();
      }
      call();
    } catch (RuntimeException e) {
      failed(e, false);
    }
  }

  private boolean hasBody() {
    return request.body() instanceof UpstreamRequest.Body.Streamed;
  }

  private void call() {
    Address address = server.address();
    pending = upstreams.connections().call(address, deadlines.connect(), request, this);
  }

  @Override
  public void sending() {
    PendingAnswer sent = pending;
    if (sent == null || !(state instanceof PassState.Sending)) {
      return;
    }
    cameAPiece();
    state = new PassState.Sending(false);
    http.exceptionHandler(failure -> clientLeft());
    http.handler(piece -> send(sent, piece));
    http.endHandler(end -> sentAll(sent));
    http.resume();
  }

  private void send(PendingAnswer sent, Buffer piece) {
    cameAPiece();
    boolean more = sent.write(piece);
    if (state instanceof PassState.Sending) {
      state = new PassState.Sending(!more);
    }
    if (!more && !(state instanceof PassState.Ended)) {
      http.pause();
    }
  }

  @Override
  public void writable() {
    cameAPiece();
    if (state instanceof PassState.Sending) {
      state = new PassState.Sending(false);
    }
    http.resume();
  }

  private void sentAll(PendingAnswer sent) {
    cameAPiece();
    sent.endBody();
    if (state instanceof PassState.Sending) {
      state = new PassState.Waiting(true);
    }
  }

  @Override
  public void head(HttpResponse answer) {
    if (state instanceof PassState.Sending || state instanceof PassState.Waiting) {
      try {
        passOn(answer.status().code(), answer.headers());
      } catch (RuntimeException e) {
        failed(e, false);
      }
    }
  }

  private void passOn(int status, HttpHeaders headers) {
    cameAPiece();
    if (isRedirect(status)) {
      // Where it leads is an address behind the router.
      end(Outcome.HTTP_ERROR, status);
      refuse(OpenAiError.server(502, "The model answered with a redirect.", "upstream_redirect"));
      return;
    }
    response.setStatusCode(status);
    Headers.toClient(headers, response.headers());
    String id = headers.get(Headers.REQUEST_ID);
    if (id != null) {
      // The router has no id for this request: the variant's own is the better one.
      response.putHeader(Headers.REQUEST_ID, id);
    }
    if (!http.isEnded()) {
      Closing.announce(http);
    }
    Delivery delivery = Delivery.of(headers, ids);
    // Without a length: the body may have been compressed on its way, or changes.
    response.setChunked(!(delivery instanceof Delivery.Whole));
    state = new PassState.Passing(status, delivery, false);
  }

  private static boolean isRedirect(int status) {
    return status >= 300 && status < 400 && status != 304;
  }

  @Override
  public void bytes(ByteBuf content) {
    if (!(state instanceof PassState.Passing(int _, Delivery delivery, boolean _))) {
      return;
    }
    cameAPiece();
    byte[] piece = ByteBufUtil.getBytes(content);
    try {
      switch (delivery) {
        case Delivery.Plain() -> write(Buffer.buffer(piece));
        case Delivery.Events events -> write(events.read(piece));
        case Delivery.Whole(Buffer held, ResponseIdFilter _) -> {
          if (!memory.take(2L * piece.length)) {
            end(Outcome.REJECTED, 0);
            refuse(OpenAiError.noMemory());
            return;
          }
          held.appendBytes(piece);
          if (held.length() > upstreams.maxAnswerBytes()) {
            failed(new IllegalStateException("an answer beyond max-answer-bytes"), false);
          }
        }
      }
    } catch (RuntimeException e) {
      failed(e, false);
    }
  }

  private void write(Buffer bytes) {
    if (bytes.length() > 0) {
      response.write(bytes);
    }
    PendingAnswer sent = pending;
    if (response.writeQueueFull()
        && sent != null
        && state instanceof PassState.Passing(int status, Delivery delivery, boolean blocked)
        && !blocked) {
      state = new PassState.Passing(status, delivery, true);
      sent.pause();
      response.drainHandler(drained -> drained(sent));
    }
  }

  private void drained(PendingAnswer sent) {
    if (state instanceof PassState.Passing(int status, Delivery delivery, boolean _)) {
      cameAPiece();
      state = new PassState.Passing(status, delivery, false);
      sent.resume();
    }
  }

  @Override
  public void ended() {
    if (!(state instanceof PassState.Passing(int status, Delivery delivery, boolean _))) {
      return;
    }
    try {
      Buffer last =
          switch (delivery) {
            case Delivery.Plain() -> Buffer.buffer();
            case Delivery.Events events -> events.last();
            case Delivery.Whole(Buffer held, ResponseIdFilter names) ->
                Buffer.buffer(names.body(held.getBytes()));
          };
      boolean wholeRequest = http.isEnded();
      end(status >= 400 ? Outcome.HTTP_ERROR : Outcome.OK, status);
      response
          .end(last)
          .onComplete(
              sent -> {
                memory.release();
                if (!wholeRequest) {
                  Closing.afterAnswer(http);
                }
              });
    } catch (RuntimeException e) {
      failed(e, false);
    }
  }

  @Override
  public void failed(Throwable why, boolean stale) {
    switch (state) {
      case PassState.Ended() -> {}
      case PassState.Waiting(boolean again) when stale && !again -> {
        state = new PassState.Waiting(true);
        call();
      }
      case PassState.Sending _, PassState.Waiting _ -> {
        boolean late = why instanceof TimeoutException;
        end(late ? Outcome.TIMEOUT : Outcome.CONNECT_ERROR, 0);
        refuse(
            late
                ? noAnswerInTime()
                : OpenAiError.server(502, "The model cannot be reached.", "upstream_unreachable"));
      }
      case PassState.Passing(int status, Delivery _, boolean _) -> {
        end(Outcome.CUT, status);
        cut();
      }
    }
  }

  @Override
  protected void check(long nowNanos) {
    long deadline =
        switch (state) {
          case PassState.Sending _ -> deadlines.nextPieceBy(startedNanos, lastPieceNanos);
          // A server can answer only once it has the whole request.
          case PassState.Waiting _ -> deadlines.firstContentBy(startedNanos, lastPieceNanos);
          case PassState.Passing(int _, Delivery _, boolean blocked) when blocked ->
              deadlines.endBy(startedNanos);
          case PassState.Passing _ -> deadlines.nextPieceBy(startedNanos, lastPieceNanos);
          case PassState.Ended() -> nowNanos + 1;
        };
    if (nowNanos - deadline >= 0) {
      timedOut(nowNanos);
    }
  }

  private void timedOut(long nowNanos) {
    boolean late = nowNanos - deadlines.endBy(startedNanos) >= 0;
    switch (state) {
      case PassState.Ended() -> {}
      case PassState.Sending(boolean blocked) when !blocked && !late -> {
        // The client sends no more of its own body, which is not the server's fault.
        end(Outcome.CANCELLED, 0);
        refuse(
            new OpenAiError(
                "The request body did not arrive in time.",
                "invalid_request_error",
                null,
                "request_timeout",
                408));
      }
      case PassState.Sending _, PassState.Waiting _ -> {
        end(Outcome.TIMEOUT, 0);
        refuse(noAnswerInTime());
      }
      case PassState.Passing(int status, Delivery _, boolean _) -> {
        end(Outcome.TIMEOUT, status);
        cut();
      }
    }
  }

  private static OpenAiError noAnswerInTime() {
    return OpenAiError.server(504, "The model did not answer in time.", "upstream_timeout");
  }

  private void clientLeft() {
    end(Outcome.CANCELLED, 0);
    memory.release();
  }

  /** An answer that has begun cannot end well: its connection is closed. */
  private void cut() {
    if (response.headWritten()) {
      memory.release();
      Closing.cut(http);
    } else {
      refuse(OpenAiError.server(502, "The model's answer was cut before its end.", "upstream_cut"));
    }
  }

  private void refuse(OpenAiError error) {
    // The rest of the request's body is not read: the connection cannot be used again.
    Closing.announce(http);
    response
        .setChunked(false)
        .setStatusCode(error.status())
        .putHeader(Headers.CONTENT_TYPE, Headers.JSON)
        .end(Buffer.buffer(error.toJson()))
        .onComplete(
            sent -> {
              memory.release();
              Closing.afterAnswer(http);
            });
  }

  /** Gives back what the request holds; a second time has no effect. */
  private void end(Outcome outcome, int status) {
    if (state instanceof PassState.Ended) {
      return;
    }
    state = new PassState.Ended();
    upstreams.deadlines().remove(this);
    PendingAnswer sent = pending;
    if (sent != null) {
      switch (outcome) {
        case OK, EMPTY, MALFORMED, HTTP_ERROR -> sent.finish();
        case CANCELLED, TIMEOUT, CUT, CONNECT_ERROR, REJECTED, ROUTER_DIED, UNKNOWN ->
            sent.cancel();
      }
    }
    route.ended(server, outcome, status, upstreams.nanoTime().getAsLong());
    whenEnded.run();
  }

  private void cameAPiece() {
    lastPieceNanos = upstreams.nanoTime().getAsLong();
  }
}
