package io.serin.rehearsal.recorded;

/** One prompt and what a model answered to it. Its text form tells neither. */
public record RecordedAnswer(String prompt, String text) {

  @Override
  public String toString() {
    return "RecordedAnswer[prompt="
        + prompt.length()
        + " characters, text="
        + text.length()
        + " characters]";
  }
}
