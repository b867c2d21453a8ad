package io.serin.router.upstream;

import io.serin.modelcalls.Address;
import org.jspecify.annotations.Nullable;

/** A call under way. Confined to its event loop. */
public final class PendingAnswer {

  private final Address address;
  private final long connectMillis;
  private final PostRequest request;
  private final AnswerListener listener;
  private @Nullable Connection connection;
  private boolean over;

  PendingAnswer(Address address, long connectMillis, PostRequest request, AnswerListener listener) {
    this.address = address;
    this.connectMillis = connectMillis;
    this.request = request;
    this.listener = listener;
  }

  /** Stops the call: its connection is closed, and the listener hears nothing more. */
  public void cancel() {
    Connection sent = connection;
    if (!over && sent != null) {
      sent.close();
    }
    over = true;
  }

  /** Reads nothing more for now, so that the server's own sending comes to a halt. */
  public void pause() {
    Connection sent = connection;
    if (!over && sent != null) {
      sent.autoRead(false);
    }
  }

  /** Goes on after {@link #pause}. */
  public void resume() {
    Connection sent = connection;
    if (!over && sent != null) {
      sent.autoRead(true);
    }
  }

  /**
   * What is still to come is not wanted: the listener hears nothing more, and the connection is
   * used again where the answer soon ends, else closed.
   */
  public void finish() {
    Connection sent = connection;
    if (!over && sent != null) {
      sent.linger();
    }
    over = true;
  }

  Address address() {
    return address;
  }

  /** How long a connection may take to be made, in milliseconds. */
  long connectMillis() {
    return connectMillis;
  }

  PostRequest request() {
    return request;
  }

  AnswerListener listener() {
    return listener;
  }

  /** Whether the listener is to hear nothing more. */
  boolean over() {
    return over;
  }

  void sentOn(Connection used) {
    connection = used;
  }

  void end() {
    if (!over) {
      over = true;
      listener.ended();
    }
  }

  void fail(Throwable why, boolean reused) {
    if (!over) {
      over = true;
      listener.failed(why, reused);
    }
  }
}
