package io.serin.openai.answer;

import java.io.IOException;

/** A chunk that is JSON, but not one of an answer; the message says why, without quoting it. */
final class NotAChunkException extends IOException {

  private static final long serialVersionUID = 1L;

  NotAChunkException(String reason) {
    super(reason);
  }

  /** Without a stack: the message says all, and malformed answers may come by the thousand. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
