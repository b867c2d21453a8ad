package io.serin.cli.stack.supervise;

/**
 * A stack could not start. The message is a sentence for the person who started it: what is wrong,
 * with which value, and what to do.
 */
public final class StackException extends Exception {

  private static final long serialVersionUID = 1L;

  public StackException(String message) {
    super(message);
  }

  public StackException(String message, Throwable cause) {
    super(message, cause);
  }
}
