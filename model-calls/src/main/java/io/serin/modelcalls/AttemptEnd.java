package io.serin.modelcalls;

import io.serin.openai.answer.Answer;
import io.serin.schemas.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * How one attempt ended, before it is written as a {@link io.serin.schemas.Measurement}. Times are
 * monotonic nanoseconds since the attempt's start.
 *
 * @param outcome of the attempt
 * @param status HTTP status of the server; or null
 * @param answer what was read of a 2xx answer; null if there is none to judge
 * @param ttftNanos to the first content of a stream, or the first byte of a body; −1 if none came
 * @param durationNanos to the end
 * @param responseBytes bytes of the body as received
 * @param contentEvents events of a stream since its content began, about one for each token
 */
public record AttemptEnd(
    Outcome outcome,
    @Nullable Integer status,
    @Nullable Answer answer,
    long ttftNanos,
    long durationNanos,
    long responseBytes,
    long contentEvents) {

  /**
   * The outcome of a 2xx answer that came to its end. An event stream is a good answer also to a
   * client that did not ask for one; a body is not one to a client that asked for a stream.
   *
   * @param wantsStream whether the request asked for an event stream
   * @param empty whether the body has no byte
   */
  public static Outcome outcome(Answer answer, boolean wantsStream, boolean empty) {
    if (answer.streamed()) {
      return switch (answer.state()) {
        case OK -> Outcome.OK;
        case EMPTY -> Outcome.EMPTY;
        case CUT, ERROR -> Outcome.CUT;
        case MALFORMED -> Outcome.MALFORMED;
      };
    }
    if (wantsStream) {
      return Outcome.MALFORMED;
    }
    return switch (answer.state()) {
      case OK -> Outcome.OK;
      case EMPTY -> Outcome.EMPTY;
      case CUT, ERROR, MALFORMED -> empty ? Outcome.EMPTY : Outcome.MALFORMED;
    };
  }
}
