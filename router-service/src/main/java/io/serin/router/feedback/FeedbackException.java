package io.serin.router.feedback;

/** Feedback that cannot be taken; the message names the field, its value and the rule. */
public final class FeedbackException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String field;
  private final String reason;

  FeedbackException(String field, String message) {
    super(message);
    this.field = field;
    this.reason = message;
  }

  /** The message. */
  public String reason() {
    return reason;
  }

  /** The field at fault. */
  public String field() {
    return field;
  }
}
