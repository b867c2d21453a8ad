package io.serin.router.exchange;

import io.serin.openai.answer.Answer;
import io.serin.router.http.Head;
import io.serin.schemas.Outcome;
import io.serin.schemas.Outcomes;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * How one call of a variant ended.
 *
 * @param outcome the outcome
 * @param head what the variant answered; null where nothing came
 * @param answer what was read of the answer; null where there is none to judge
 * @param unsent bytes for the client that were not handed over before: all of them where the answer
 *     had not begun
 * @param begun whether the answer had begun to go to the client
 * @param ttftNanos from the start to the first content (of a body: its first byte); −1 where none
 *     came
 * @param durationNanos from the start to the end
 * @param responseBytes bytes of the body as received
 * @param contentEvents events of a stream since its content began, about one for each token
 */
record AttemptEnd(
    Outcome outcome,
    @Nullable Head head,
    @Nullable Answer answer,
    Buffer unsent,
    boolean begun,
    long ttftNanos,
    long durationNanos,
    long responseBytes,
    long contentEvents) {

  /** An attempt that failed inside the router before a server was asked. */
  static AttemptEnd neverSent() {
    return new AttemptEnd(Outcome.CONNECT_ERROR, null, null, Buffer.buffer(), false, -1, 0, 0, 0);
  }

  /** The same where the client cannot be sent the answer: it counts as malformed. */
  AttemptEnd unfit() {
    return withoutAnswer(Outcome.MALFORMED);
  }

  /** The same without what was read of the answer. */
  AttemptEnd unread() {
    return withoutAnswer(outcome);
  }

  private AttemptEnd withoutAnswer(Outcome other) {
    return new AttemptEnd(
        other, head, null, unsent, begun, ttftNanos, durationNanos, responseBytes, contentEvents);
  }

  /** Whether the error guard counts this as failed. */
  boolean failed() {
    return Outcomes.failed(outcome);
  }
}
