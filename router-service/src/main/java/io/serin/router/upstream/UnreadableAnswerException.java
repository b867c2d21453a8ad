package io.serin.router.upstream;

import java.io.IOException;

/** A model server's answer is in an encoding that it was not asked for and that nobody reads. */
public final class UnreadableAnswerException extends IOException {

  private static final long serialVersionUID = 1L;

  UnreadableAnswerException(String encoding) {
    super("an answer that is encoded as " + encoding);
  }
}
