package io.serin.worker.call;

/**
 * A model could not be asked at all; nothing was measured. The message holds no key and no text.
 */
public final class UnreachableException extends Exception {
  private static final long serialVersionUID = 1L;

  public UnreachableException(String message) {
    super(message);
  }
}
