package io.serin.openai;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells whether an answer refuses, by what it says. Pure, for all threads. */
public final class RefusalDetector {

  private static final List<String> OPENINGS =
      List.of(
          "i cannot",
          "i can't",
          "i can’t",
          "i am unable",
          "i'm unable",
          "i’m unable",
          "i won't",
          "i won’t");

  /** Judges an answer; null where there is none to judge: an error, or nothing that came. */
  public @Nullable Refusal judge(Answer answer) {
    if (answer.error() != null || answer.malformed() != null) {
      return null;
    }
    if (answer.refusal() != null || "content_filter".equals(answer.finishReason())) {
      return Refusal.FULL;
    }
    if (answer.toolCalls() > 0) {
      return Refusal.NONE;
    }
    return answer.text() == null ? null : judge(answer.text());
  }

  /** Judges an answer's text. */
  public Refusal judge(String text) {
    String opening = text.substring(0, Math.min(200, text.length())).toLowerCase(Locale.ROOT);
    return OPENINGS.stream().anyMatch(opening::contains) ? Refusal.FULL : Refusal.NONE;
  }
}
