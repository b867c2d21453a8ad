package io.serin.router.realtime;

import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketBase;
import io.vertx.core.http.WebSocketFrame;
import java.util.function.BiConsumer;

/**
 * One session: frames pass from side to side as they come, each side waits for the other, and both
 * end together. Confined to its event loop.
 */
final class RealtimeSession {

  /** Why a session ended, for metrics and logs. */
  enum End {
    CLIENT,
    MODEL,
    IDLE,
    TOO_LARGE
  }

  private static final short NORMAL = 1000;
  private static final short GOING_AWAY = 1001;
  private static final short TOO_BIG = 1009;
  private static final short FAILED = 1011;

  private final Vertx vertx;
  private final WebSocketBase client;
  private final WebSocketBase model;
  private final RealtimeBounds bounds;
  private final BiConsumer<End, RealtimeSession> whenEnded;
  private long frames;
  private long bytes;
  private long seen;
  private long looked = -1;
  private boolean ended;

  RealtimeSession(
      Vertx vertx,
      WebSocketBase client,
      WebSocketBase model,
      RealtimeBounds bounds,
      BiConsumer<End, RealtimeSession> whenEnded) {
    this.vertx = vertx;
    this.client = client;
    this.model = model;
    this.bounds = bounds;
    this.whenEnded = whenEnded;
  }

  /** Passes frames from now on. */
  void start() {
    pass(client, model);
    pass(model, client);
    client.closeHandler(closed -> closed(End.CLIENT, client, model));
    model.closeHandler(closed -> closed(End.MODEL, model, client));
    vertx.setPeriodic(bounds.idle().toMillis(), this::look);
    client.resume();
    model.resume();
  }

  private void pass(WebSocketBase from, WebSocketBase to) {
    long[] message = new long[1];
    // Its connection's close follows, which ends both sides.
    from.exceptionHandler(failure -> {});
    from.frameHandler(
        frame -> {
          if (frame.isClose() || ended) {
            return;
          }
          message[0] = (frame.isContinuation() ? message[0] : 0) + frame.binaryData().length();
          if (message[0] > bounds.messageBytes()) {
            end(End.TOO_LARGE, TOO_BIG, "A message is larger than the router passes on.");
          } else {
            pass(frame, from, to);
          }
        });
  }

  private void pass(WebSocketFrame frame, WebSocketBase from, WebSocketBase to) {
    seen++;
    frames++;
    bytes += frame.binaryData().length();
    to.writeFrame(frame);
    if (to.writeQueueFull()) {
      from.pause();
      to.drainHandler(drained -> from.resume());
    }
  }

  /** Twice without a frame in between is idle: between one and two bounds. */
  private void look(long timer) {
    if (ended) {
      vertx.cancelTimer(timer);
    } else if (looked == seen) {
      end(End.IDLE, GOING_AWAY, "Neither side said anything for too long.");
    } else {
      looked = seen;
    }
  }

  /** One side closed: the other is told the same, where that can be said. */
  private void closed(End why, WebSocketBase left, WebSocketBase other) {
    if (ended) {
      return;
    }
    ended = true;
    Short code = left.closeStatusCode();
    String reason = left.closeReason();
    if (code == null || code == 1006) {
      other.close(FAILED, "The other side was lost.");
    } else if (code == 1005) {
      other.close(NORMAL);
    } else {
      other.close(code, reason == null ? "" : reason);
    }
    whenEnded.accept(why, this);
  }

  private void end(End why, short code, String reason) {
    ended = true;
    client.close(code, reason);
    model.close(code, reason);
    whenEnded.accept(why, this);
  }

  /** Frames of both sides. */
  long frames() {
    return frames;
  }

  /** Bytes of both sides. */
  long bytes() {
    return bytes;
  }
}
