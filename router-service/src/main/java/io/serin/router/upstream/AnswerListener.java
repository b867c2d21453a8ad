package io.serin.router.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponse;

/**
 * Who asked a model server. Called on the event loop: {@link #head} at most once, {@link #bytes}
 * after it, and then one of {@link #ended} and {@link #failed}, once, last.
 */
public interface AnswerListener {

  /** A streamed request's body can be written: its head is on its way. */
  default void sending() {}

  /** The server takes more of a streamed request's body. */
  default void writable() {}

  /** Status and headers of the answer; interim ones (1xx) are skipped. */
  void head(HttpResponse head);

  /**
   * A piece of the body, decoded.
   *
   * @param content valid during the call only
   */
  void bytes(ByteBuf content);

  /** The answer is complete. */
  void ended();

  /**
   * No connection could be had, or it was lost, or what came on it is not an answer.
   *
   * @param why what was noticed
   * @param stale whether the connection had been idle and was lost just as this request was sent:
   *     its server may have closed it at that moment, which says nothing about the server
   */
  void failed(Throwable why, boolean stale);
}
