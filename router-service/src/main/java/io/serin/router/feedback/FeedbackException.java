package io.serin.router.feedback;

/** Feedback that cannot be taken; the message names the field, its value and the rule. */
public final class FeedbackException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String field;

  FeedbackException(String field, String message) {
    super(message);
    this.field = field;
  }

  /** The field at fault. */
  public String field() {
    return field;
  }
}
