package io.serin.router.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponse;

/**
 * Who asked a model server. Called on the event loop: {@link #head} at most once, {@link #bytes}
 * after it, and then one of {@link #ended} and {@link #failed}, once, last.
 */
public interface AnswerListener {

  /** Status and headers of the answer; interim ones (1xx) are not told. */
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
   * No connection could be had, or it was lost, or what came on it is no answer.
   *
   * @param why what was noticed
   * @param reused whether the connection had carried a request before: it may have been closed just
   *     as this one was sent, which says nothing about the server
   */
  void failed(Throwable why, boolean reused);
}
