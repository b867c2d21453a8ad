package io.serin.router.feedback;

/** Feedback that may be sent again later. */
public final class FeedbackRefused extends RuntimeException {

  private static final long serialVersionUID = 1L;
  private static final long FULL_SECONDS = 30;

  private final int status;
  private final long retryAfterSeconds;

  private FeedbackRefused(int status, String message, long retryAfterSeconds) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  static FeedbackRefused tooMuch(String of, long retryAfterSeconds) {
    return new FeedbackRefused(
        429, "Too much feedback for this " + of + "; retry later.", retryAfterSeconds);
  }

  /** The journal keeps its last half for requests. */
  public static FeedbackRefused full() {
    return new FeedbackRefused(
        503, "The router cannot keep more feedback while Kafka is unavailable.", FULL_SECONDS);
  }

  /** 429 or 503. */
  public int status() {
    return status;
  }

  /** One sentence for the client. */
  public String reason() {
    return String.valueOf(getMessage());
  }

  /** When it may be sent again, in seconds. */
  public long retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
