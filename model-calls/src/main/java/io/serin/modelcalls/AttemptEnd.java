package io.serin.modelcalls;

import io.serin.openai.answer.Answer;
import io.serin.schemas.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * How one attempt ended, before it is written as a {@link io.serin.schemas.Measurement}.
 *
 * @param outcome of the attempt
 * @param status HTTP status of the server; or null
 * @param answer what was read of a 2xx answer; null if there is none to judge
 * @param times when what came
 * @param responseBytes bytes of the body as received
 * @param contentEvents events of a stream since its content began, about one for each token
 */
public record AttemptEnd(
    Outcome outcome,
    @Nullable Integer status,
    @Nullable Answer answer,
    Times times,
    long responseBytes,
    long contentEvents) {

  /**
   * Times in monotonic nanoseconds since the attempt's start; −1 where it did not come.
   *
   * @param ttft to the first content of a stream, or the first byte of a body
   * @param reasoning to the first reasoning of a stream
   * @param visible to the first content of a stream that a user sees
   * @param duration to the end
   */
  public record Times(long ttft, long reasoning, long visible, long duration) {

    /** Of an attempt without content, or whose content is not told apart. */
    public static Times of(long ttft, long duration) {
      return new Times(ttft, -1, -1, duration);
    }
  }

  /** To the first content of a stream, or the first byte of a body; −1 if none came. */
  public long ttftNanos() {
    return times.ttft();
  }

  /** To the end. */
  public long durationNanos() {
    return times.duration();
  }

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
