package io.serin.router.exchange;

import io.serin.openai.Endpoint;
import io.serin.openai.answer.Answer;
import io.serin.router.attempt.AttemptReply;
import io.serin.router.http.Closing;
import io.serin.router.http.Cors;
import io.serin.router.http.Gzip;
import io.serin.router.http.Head;
import io.serin.router.http.Headers;
import io.serin.router.memory.Hold;
import io.serin.schemas.Outcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.LongSupplier;

/**
 * What a client is sent: a whole answer, or a stream piece by piece. Confined to its event loop.
 */
final class ClientAnswer {

  /**
   * How answers are written.
   *
   * @param cors which pages of a browser may read them
   * @param gzipFromBytes whole answers from this size on are compressed; 0 compresses none
   * @param revealVariant whether each names its variant
   * @param nanoTime the monotonic clock
   */
  record Style(Cors cors, int gzipFromBytes, boolean revealVariant, LongSupplier nanoTime) {}

  private final HttpServerRequest http;
  private final HttpServerResponse response;
  private final Style style;
  private final Endpoint endpoint;
  private final Hold memory;
  private final long startedNanos;
  private long ttftNanos = -1;

  /**
   * @param memory given back once the answer is written, or cannot be
   */
  ClientAnswer(
      HttpServerRequest http, Style style, Endpoint endpoint, Hold memory, long startedNanos) {
    this.http = http;
    this.response = http.response();
    this.style = style;
    this.endpoint = endpoint;
    this.memory = memory;
    this.startedNanos = startedNanos;
  }

  /** Runs this should the client leave before its answer has ended. */
  void whenLeft(Runnable action) {
    response.exceptionHandler(failure -> action.run());
    response.closeHandler(closed -> action.run());
  }

  /** Begins a stream. */
  void begin(Head head, AttemptFacts attempt) {
    writeHead(head, attempt);
    sendsFirstByte();
    response.setChunked(true);
  }

  /** Sends bytes of a stream; returns whether the client is too slow to take more now. */
  boolean write(Buffer bytes) {
    response.write(bytes);
    return response.writeQueueFull();
  }

  /** Runs this once the client takes more. */
  void whenDrained(Runnable action) {
    response.drainHandler(drained -> action.run());
  }

  /** Ends a stream: with its last bytes or, if it failed, with an error and a lost connection. */
  void endStream(AttemptReply reply) {
    switch (reply.outcome()) {
      case OK, EMPTY, MALFORMED -> end(reply.unsent());
      case CUT, TIMEOUT, HTTP_ERROR, CONNECT_ERROR, CANCELLED, REJECTED, ROUTER_DIED, UNKNOWN -> {
        Answer answer = reply.answer();
        if (answer != null && answer.error() == null && reply.unsent().length() > 0) {
          // The server ended its stream properly, and said itself that it failed.
          end(reply.unsent());
          return;
        }
        boolean told = answer != null && answer.error() != null;
        Buffer last =
            told
                ? reply.unsent()
                : Buffer.buffer(Reply.streamError(reply.outcome()).toEvent(endpoint));
        // Without the last chunk: no reader may take it for a clean end.
        response.write(last).onComplete(written -> cut());
      }
    }
  }

  /**
   * Writes the head of a whole answer and makes its body ready.
   *
   * @throws RuntimeException if the client cannot be sent it; nothing of it stays
   */
  Reply ready(Reply reply, AttemptFacts attempt) {
    writeHead(new Head(reply.status(), reply.headers()), attempt);
    if (!Gzip.wanted(http, reply.body(), style.gzipFromBytes())) {
      return reply;
    }
    Reply packed = reply.withBody(Gzip.of(reply.body()));
    response.putHeader("content-encoding", "gzip");
    response.putHeader("vary", "accept-encoding");
    return packed;
  }

  /** Notes when the first byte leaves. */
  void sendsFirstByte() {
    ttftNanos = style.nanoTime().getAsLong() - startedNanos;
  }

  /** Sends a whole answer that is ready. */
  void send(Reply ready) {
    end(ready.body());
  }

  private void end(Buffer last) {
    response.end(last).onComplete(written -> memory.release());
  }

  /** Nothing is sent any more: the client left. */
  void left() {
    memory.release();
  }

  /** Whether nothing was sent yet. */
  boolean isSilent() {
    return !response.headWritten() && !response.ended();
  }

  /** Ends the answer before its end, so that no reader takes it for whole. */
  void cut() {
    memory.release();
    Closing.cut(http);
  }

  int status() {
    return response.getStatusCode();
  }

  /** From reading the request to the first byte of the answer; −1 if none was sent. */
  long ttftNanos() {
    return ttftNanos;
  }

  /** What the client saw, for the record. */
  ClientEnd ended(Outcome outcome, boolean begun) {
    return new ClientEnd(outcome, begun ? status() : null, ttftNanos);
  }

  private void writeHead(Head head, AttemptFacts attempt) {
    try {
      Headers.toClient(head.headers(), response.headers());
    } catch (RuntimeException e) {
      // Nothing of a head that the client cannot be sent may stay for the next one.
      response.headers().clear();
      style.cors().handled(http);
      throw e;
    }
    response.setStatusCode(head.status());
    response.putHeader(Headers.REQUEST_ID, attempt.requestId());
    if (style.revealVariant() || attempt.overridden()) {
      response.putHeader(Headers.VARIANT, attempt.variant().name());
    }
  }
}
