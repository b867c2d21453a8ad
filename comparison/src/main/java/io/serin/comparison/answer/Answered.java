package io.serin.comparison.answer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one model answered to a question. Absent is null, never 0.
 *
 * @param text null where none came
 * @param latencyMillis until the answer's end
 * @param ttftMillis until its first token
 * @param finishReason as the server spells it
 */
public record Answered(
    AnswerOutcome outcome,
    @Nullable String text,
    List<ToolCall> toolCalls,
    @Nullable Double latencyMillis,
    @Nullable Double ttftMillis,
    @Nullable Long completionTokens,
    @Nullable String finishReason) {

  public Answered {
    toolCalls = List.copyOf(toolCalls);
  }

  /** An answer of which nothing but the text is known. */
  public static Answered of(String text) {
    return new Answered(
        text.isBlank() ? AnswerOutcome.EMPTY : AnswerOutcome.ANSWERED,
        text,
        List.of(),
        null,
        null,
        null,
        null);
  }

  /** No answer. */
  public static Answered failed() {
    return new Answered(AnswerOutcome.FAILED, null, List.of(), null, null, null, null);
  }

  /** The same answer with another text; null takes it out. */
  public Answered withText(@Nullable String other) {
    return new Answered(
        outcome, other, toolCalls, latencyMillis, ttftMillis, completionTokens, finishReason);
  }

  /** Sizes only. */
  @Override
  public String toString() {
    return "Answered[outcome="
        + outcome
        + ", text="
        + (text == null ? null : text.length() + " characters")
        + "]";
  }
}
