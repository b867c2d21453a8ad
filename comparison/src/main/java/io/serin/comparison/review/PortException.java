package io.serin.comparison.review;

/** An endpoint that embeds or judges did not do so. The message says which and why. */
public final class PortException extends Exception {
  private static final long serialVersionUID = 1L;

  public PortException(String message) {
    super(message);
  }

  public PortException(String message, Throwable cause) {
    super(message, cause);
  }
}
