package io.serin.openai.answer;

import io.serin.openai.OpenAiError;
import org.jspecify.annotations.Nullable;

/**
 * What an answer was. Absent is null.
 *
 * @param streamed true where it came as an event stream
 * @param id the server's id of the answer
 * @param model the model that says it answered
 * @param systemFingerprint what the server says of the configuration that answered
 * @param text the first choice's text, up to the reader's bound; null where there was none
 * @param textTruncated true where the text went on beyond the bound
 * @param refusal the refusal field's text: the server itself says that this is one
 * @param finishReason of the first choice, as the server spells it
 * @param toolCalls tool and function calls of all choices
 * @param otherContent true where it carried what is neither text nor tool call: audio, an image, an
 *     embedding, reasoning
 * @param usage tokens; {@link Usage#NONE} where the server gave none
 * @param error an error object in the place or in the middle of an answer
 * @param ended true where the server said that the answer is whole: [DONE], a finish reason, or a
 *     body read to its end
 * @param malformed why this is not what the API says it is; null where it is
 */
public record Answer(
    boolean streamed,
    @Nullable String id,
    @Nullable String model,
    @Nullable String systemFingerprint,
    @Nullable String text,
    boolean textTruncated,
    @Nullable String refusal,
    @Nullable String finishReason,
    int toolCalls,
    boolean otherContent,
    Usage usage,
    @Nullable OpenAiError error,
    boolean ended,
    @Nullable String malformed) {

  /** How an answer with a 2xx status ended, the worst first. */
  public enum State {
    /** It is not what the API says it is. */
    MALFORMED,
    /** It carried an error object, or a finish reason that says it failed. */
    ERROR,
    /** It stopped before its end. */
    CUT,
    /** It is whole, and carries no text and no tool call. */
    EMPTY,
    OK
  }

  public State state() {
    if (malformed != null) {
      return State.MALFORMED;
    }
    if (error != null || isFailure(finishReason)) {
      return State.ERROR;
    }
    if (!ended) {
      return State.CUT;
    }
    return empty() ? State.EMPTY : State.OK;
  }

  /**
   * True where nothing came that a user could use: no text but white space, no refusal, no tool
   * call, nothing else. What a content filter took away is a refusal and not empty.
   */
  public boolean empty() {
    return (text == null || (text.isBlank() && !textTruncated))
        && refusal == null
        && toolCalls == 0
        && !otherContent
        && !"content_filter".equals(finishReason);
  }

  /**
   * True for a finish reason that says that the server gave up: vLLM's abort, a gateway's error.
   */
  private static boolean isFailure(@Nullable String finishReason) {
    return "abort".equals(finishReason) || "error".equals(finishReason);
  }

  /** True for a finish reason that says that the answer stopped at its limit of tokens. */
  public static boolean isLimit(String finishReason) {
    return switch (finishReason) {
      case "length", "max_tokens", "max_output_tokens", "model_context_window_exceeded" -> true;
      default -> false;
    };
  }

  /** Sizes only: an answer's text never reaches a log. */
  @Override
  public String toString() {
    return "Answer[state=%s, model=%s, text=%s chars, finishReason=%s, toolCalls=%d, usage=%s]"
        .formatted(
            state(), model, text == null ? null : text.length(), finishReason, toolCalls, usage);
  }
}
