package io.serin.router.attempt;

import io.serin.router.http.Head;
import io.vertx.core.buffer.Buffer;

/** Who asked for an attempt. Called on the event loop. */
public interface AttemptListener {

  /** A stream has its first content: its head may go to the client. */
  void begun(Head head);

  /** Bytes of a begun stream for the client. */
  void bytes(Buffer bytes);

  /** The attempt is over; nothing follows. */
  void ended(AttemptReply reply);
}
