package io.serin.comparison.review;

/** A model that is asked which of two answers is better, with a {@link JudgePrompt}. */
public interface ModelJudge {
  /**
   * What it said.
   *
   * @param promptTokens that it read; 0 where the server does not say
   * @param completionTokens that it wrote
   */
  record Reply(String text, long promptTokens, long completionTokens) {
    /** Sizes only. */
    @Override
    public String toString() {
      return "Reply[text=" + text.length() + " characters]";
    }
  }

  /** One call. Blocks. */
  Reply ask(String system, String user) throws PortException;
}
