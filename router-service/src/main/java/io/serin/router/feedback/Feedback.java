package io.serin.router.feedback;

import org.jspecify.annotations.Nullable;

/**
 * What a client says about a served request.
 *
 * @param requestId the id as the client sent it
 * @param about what the id says
 * @param kind thumb, score, label or comment
 * @param value −1 or 1 for a thumb, a finite number for a score; null otherwise
 * @param label the text of a label or comment; null otherwise
 */
public record Feedback(
    String requestId,
    RequestId about,
    String kind,
    @Nullable Double value,
    @Nullable String label) {

  /** Shows no comment. */
  @Override
  public String toString() {
    return "Feedback[" + kind + " on " + requestId + "]";
  }
}
