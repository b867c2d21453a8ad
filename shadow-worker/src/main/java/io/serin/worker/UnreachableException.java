package io.serin.worker;

/**
 * A model could not be asked at all; nothing was measured. The message holds no key and no text.
 */
final class UnreachableException extends Exception {
  private static final long serialVersionUID = 1L;

  UnreachableException(String message) {
    super(message);
  }
}
