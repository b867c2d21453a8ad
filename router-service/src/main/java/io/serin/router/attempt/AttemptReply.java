package io.serin.router.attempt;

import io.serin.modelcalls.AttemptEnd;
import io.serin.openai.answer.Answer;
import io.serin.router.http.Head;
import io.serin.router.upstream.UnreadableAnswerException;
import io.serin.schemas.Outcome;
import io.serin.schemas.Outcomes;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended, and what of its answer the client has still to be sent.
 *
 * @param end outcome and measurements
 * @param head what the variant answered; null if nothing came
 * @param unsent bytes that were not handed over before: all of them if the answer had not begun
 * @param begun whether the answer had begun to go to the client
 */
public record AttemptReply(AttemptEnd end, @Nullable Head head, Buffer unsent, boolean begun) {

  /** What it means for an attempt that its connection failed so before an answer came. */
  static Outcome outcomeOf(Throwable failure) {
    return switch (failure) {
      case TimeoutException _ -> Outcome.TIMEOUT;
      case UnreadableAnswerException _ -> Outcome.MALFORMED;
      default -> Outcome.CONNECT_ERROR;
    };
  }

  /** An attempt that failed inside the router before a server was asked. */
  public static AttemptReply neverSent() {
    return new AttemptReply(
        new AttemptEnd(Outcome.CONNECT_ERROR, null, null, AttemptEnd.Times.of(-1, 0), 0, 0),
        null,
        Buffer.buffer(),
        false);
  }

  /** The outcome. */
  public Outcome outcome() {
    return end.outcome();
  }

  /** What was read of the answer; null if there is none to judge. */
  public @Nullable Answer answer() {
    return end.answer();
  }

  /** Whether the error guard counts this as failed. */
  public boolean failed() {
    return Outcomes.failed(end.outcome());
  }

  /** The same for an answer that cannot be sent to the client: it counts as malformed. */
  public AttemptReply unfit() {
    return withoutAnswer(Outcome.MALFORMED);
  }

  /** The same without what was read of the answer. */
  public AttemptReply unread() {
    return withoutAnswer(end.outcome());
  }

  private AttemptReply withoutAnswer(Outcome other) {
    return new AttemptReply(
        new AttemptEnd(
            other, end.status(), null, end.times(), end.responseBytes(), end.contentEvents()),
        head,
        unsent,
        begun);
  }
}
