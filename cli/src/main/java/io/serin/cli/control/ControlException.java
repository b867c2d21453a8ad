package io.serin.cli.control;

/** The control API refused, or does not answer. The message is a sentence for people. */
public final class ControlException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status of HTTP; 0 if nothing answered
   */
  public ControlException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The HTTP status; 0 if nothing answered. */
  public int status() {
    return status;
  }

  /** Whether a later attempt may succeed: nothing answered, or the API is not ready yet. */
  public boolean retriable() {
    return status == 0 || status == 429 || (status >= 502 && status <= 504);
  }

  /** 1 if the API refused, 3 if nothing answered. */
  public int exitCode() {
    return status == 0 ? 3 : 1;
  }
}
