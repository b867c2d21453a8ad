package io.serin.router.upstream;

import io.netty.channel.ChannelFuture;
import io.vertx.core.buffer.Buffer;

/** What carries one call: an HTTP/1.1 connection, or one stream of an HTTP/2 connection. */
sealed interface CallLine permits Connection, Http2Call {

  /** Ends it; the call in progress, if any, fails. */
  void close();

  /** Reads on, or reads nothing more for now. */
  void autoRead(boolean on);

  /** Reads the rest of an answer that is not wanted, for a while. */
  void linger();

  /** Whether it has waited longer than it may. */
  boolean overdue(long nowNanos);

  /** Sends a piece of a streamed body; returns whether the server takes more now. */
  boolean write(Buffer piece);

  /** Ends a streamed body; done when all of it is written. */
  ChannelFuture endBody(UpstreamRequest request);
}
