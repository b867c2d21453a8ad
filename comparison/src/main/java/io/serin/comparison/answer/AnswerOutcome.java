package io.serin.comparison.answer;

/** How asking a model ended. */
public enum AnswerOutcome {
  /** With an answer. */
  ANSWERED,
  /** With an answer of nothing but white space, and no tool call. */
  EMPTY,
  /** With an error, a timeout or a cut stream. */
  FAILED
}
