package io.serin.comparison.answer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The segments of a question: its language, its length, its type, and what the caller labelled it
 * with (tenant, endpoint …). They depend on the question alone, never on an answer: an answer is an
 * effect of its model.
 */
public final class Segments {
  private static final int SHORT = 80;
  private static final int MEDIUM = 400;
  private static final Pattern CODE =
      Pattern.compile(
          "```|\\b(python|java|javascript|typescript|sql|c\\+\\+|html|css|bash|regex|function|code|script|program|algorithm)\\b");
  private static final Pattern WRITING =
      Pattern.compile(
          "^(please )?(write|compose|draft|create|generate|tell me a|make"
              + " up|craft)\\b|\\b(essay|poem|story|haiku|song|lyrics|letter|email|blog)\\b");
  private static final Pattern TEXT_WORK =
      Pattern.compile(
          "\\b(summari[sz]e|translate|rewrite|rephrase|paraphrase|extract|classify|correct the|edit"
              + " the|proofread)\\b");
  private static final Pattern QUESTION =
      Pattern.compile(
          "^(what|who|when|where|why|how|which|is|are|can|could|do|does|did|should)\\b");

  private Segments() {}

  /** As dimension=value. */
  public static List<String> keys(Question question) {
    return of(question).entrySet().stream()
        .map(each -> each.getKey() + "=" + each.getValue())
        .toList();
  }

  /** Dimension → value. */
  public static Map<String, String> of(Question question) {
    Map<String, String> segments = new LinkedHashMap<>();
    String language = Languages.of(question.text());
    segments.put("language", language == null ? "unknown" : language);
    segments.put("length", length(question.text()));
    segments.put("type", type(question.text()));
    segments.putAll(question.labels());
    return segments;
  }

  private static String length(String text) {
    return text.length() < SHORT ? "short" : text.length() < MEDIUM ? "medium" : "long";
  }

  private static String type(String text) {
    String start =
        text.substring(0, Math.min(text.length(), MEDIUM)).strip().toLowerCase(Locale.ROOT);
    if (CODE.matcher(start).find()) {
      return "code";
    }
    if (TEXT_WORK.matcher(start).find()) {
      return "text-work";
    }
    if (WRITING.matcher(start).find()) {
      return "writing";
    }
    return QUESTION.matcher(start).find() || start.endsWith("?") ? "question" : "other";
  }
}
