package io.serin.router.upstream;

import io.netty.channel.ChannelFuture;
import io.serin.modelcalls.Address;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A call under way. Confined to its event loop. */
public final class PendingAnswer {

  private final Address address;
  private final long connectMillis;
  private final UpstreamRequest request;
  private final AnswerListener listener;
  private @Nullable CallLine line;
  private @Nullable ChannelFuture written;
  private boolean over;

  PendingAnswer(
      Address address, long connectMillis, UpstreamRequest request, AnswerListener listener) {
    this.address = address;
    this.connectMillis = connectMillis;
    this.request = request;
    this.listener = listener;
  }

  /**
   * Stops the call: its connection, or its stream of one, is closed, and the listener hears nothing
   * more.
   */
  public void cancel() {
    CallLine sent = line;
    if (!over && sent != null) {
      sent.close();
    }
    over = true;
  }

  /** Reads nothing more for now, so that the server's own sending comes to a halt. */
  public void pause() {
    CallLine sent = line;
    if (!over && sent != null) {
      sent.autoRead(false);
    }
  }

  /** Reads again after {@link #pause}. */
  public void resume() {
    CallLine sent = line;
    if (!over && sent != null) {
      sent.autoRead(true);
    }
  }

  /**
   * What is still to come is not wanted: the listener hears nothing more, and the connection is
   * used again where the answer soon ends, else closed.
   */
  public void finish() {
    CallLine sent = line;
    if (!over && sent != null) {
      sent.linger();
    }
    over = true;
  }

  /**
   * Sends a piece of a streamed request's body; only after {@link AnswerListener#sending}.
   *
   * @return whether the server takes more now; otherwise {@link AnswerListener#writable} says when
   */
  public boolean write(Buffer piece) {
    CallLine sent = line;
    return over || sent == null || sent.write(piece);
  }

  /** Ends a streamed request's body. */
  public void endBody() {
    CallLine sent = line;
    if (!over && sent != null) {
      written = sent.endBody(request);
    }
  }

  /** Whether the whole request has been written, so that its connection can carry another. */
  boolean isSent() {
    ChannelFuture last = written;
    return last != null && last.isSuccess();
  }

  Address address() {
    return address;
  }

  /** How long a connection may take to be made, in milliseconds. */
  long connectMillis() {
    return connectMillis;
  }

  UpstreamRequest request() {
    return request;
  }

  AnswerListener listener() {
    return listener;
  }

  /** Whether the listener is to hear nothing more. */
  boolean over() {
    return over;
  }

  /**
   * It is being sent.
   *
   * @param head done once the head is written, and with it a whole body; null where the body
   *     follows piece by piece
   */
  void sentOn(CallLine used, @Nullable ChannelFuture head) {
    line = used;
    written = request.isWhole() ? head : null;
  }

  /** The rest of its body is written once this is done. */
  void sentBody(ChannelFuture last) {
    written = last;
  }

  void end() {
    if (!over) {
      over = true;
      listener.ended();
    }
  }

  void fail(Throwable why, boolean stale) {
    if (!over) {
      over = true;
      listener.failed(why, stale);
    }
  }
}
