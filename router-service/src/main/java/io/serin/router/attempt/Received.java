package io.serin.router.attempt;

import io.serin.modelcalls.AttemptEnd;
import io.serin.openai.answer.Answer;
import io.serin.router.memory.Hold;
import io.serin.schemas.Outcome;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * What has come of one answer: bytes held back, sizes, and times in nanoseconds on the monotonic
 * clock. Confined to its event loop.
 */
final class Received {

  /**
   * Bytes of a body that count as progress. A body that arrives more slowly than this in the idle
   * deadline is a drip, and times out: nobody sees a body before its end.
   */
  private static final int PROGRESS_BYTES = 256;

  /** A body that is held is copied once, to be read. */
  private static final long COPIES = 2;

  private final long startedNanos;
  private final Hold memory;
  private Buffer held = Buffer.buffer();
  private long lastPieceNanos;
  private long ttftNanos = -1;
  private long reasoningNanos = -1;
  private long visibleNanos = -1;
  private long bytes;
  private long progressAt;
  private long contentEvents;

  Received(long startedNanos, Hold memory) {
    this.startedNanos = startedNanos;
    this.memory = memory;
    this.lastPieceNanos = startedNanos;
  }

  /** Bytes of a stream came. */
  void streamed(int length, long nowNanos) {
    lastPieceNanos = nowNanos;
    bytes += length;
  }

  /**
   * A piece of a body came: it is held. White space before the body is not content. False where the
   * router has no memory for it, which says nothing about the model.
   */
  boolean bodyPiece(byte[] piece, long nowNanos) {
    if (!takes(piece.length)) {
      return false;
    }
    bytes += piece.length;
    if (ttftNanos < 0) {
      if (isBlank(piece)) {
        held.appendBytes(piece);
        return true;
      }
      ttftNanos = nowNanos - startedNanos;
      lastPieceNanos = nowNanos;
      progressAt = bytes;
    } else if (bytes - progressAt >= PROGRESS_BYTES) {
      lastPieceNanos = nowNanos;
      progressAt = bytes;
    }
    held.appendBytes(piece);
    return true;
  }

  /** Whether the router has memory for so many more bytes and their copy; they are taken then. */
  boolean takes(int more) {
    return memory.take(COPIES * more);
  }

  private static boolean isBlank(byte[] piece) {
    for (byte b : piece) {
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  /**
   * An event of a stream came after which it has content.
   *
   * @param reasoning whether the stream has reasoning by now
   * @param visible whether it has content that a user sees
   */
  void contentEvent(boolean reasoning, boolean visible) {
    contentEvents++;
    long now = lastPieceNanos - startedNanos;
    ttftNanos = ttftNanos < 0 ? now : ttftNanos;
    reasoningNanos = reasoning && reasoningNanos < 0 ? now : reasoningNanos;
    visibleNanos = visible && visibleNanos < 0 ? now : visibleNanos;
  }

  /** The client reads again after a pause, in which nothing could come. */
  void resumed(long nowNanos) {
    lastPieceNanos = nowNanos;
  }

  boolean hasContent() {
    return ttftNanos >= 0;
  }

  long bytes() {
    return bytes;
  }

  long lastPieceNanos() {
    return lastPieceNanos;
  }

  Buffer held() {
    return held;
  }

  /** Gives what is held, and holds nothing any more. */
  Buffer release() {
    Buffer all = held;
    held = Buffer.buffer();
    return all;
  }

  /** Holds these bytes instead. */
  void hold(Buffer instead) {
    held = instead;
  }

  AttemptEnd end(
      Outcome outcome, @Nullable Integer status, @Nullable Answer answer, long nowNanos) {
    return new AttemptEnd(
        outcome,
        status,
        answer,
        new AttemptEnd.Times(ttftNanos, reasoningNanos, visibleNanos, nowNanos - startedNanos),
        bytes,
        contentEvents);
  }
}
