package io.serin.comparison.answer;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What both models were asked.
 *
 * @param id names it in reports
 * @param unit what questions of one user, conversation or prompt share: units are independent,
 *     questions of one unit are not
 * @param text the prompt
 * @param json whether the request asked for JSON (its response_format)
 * @param schema the JSON Schema that it asked for; null for none
 * @param labels segments that the caller knows: tenant, endpoint, type …
 */
public record Question(
    String id,
    String unit,
    String text,
    boolean json,
    @Nullable String schema,
    Map<String, String> labels) {

  public Question {
    labels = Map.copyOf(labels);
  }

  /** Without the text. */
  @Override
  public String toString() {
    return "Question[id=" + id + ", text=" + text.length() + " characters]";
  }
}
