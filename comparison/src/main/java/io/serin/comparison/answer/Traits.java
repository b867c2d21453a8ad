package io.serin.comparison.answer;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.refusals.Refusal;
import io.serin.refusals.RefusalDetector;
import org.jspecify.annotations.Nullable;

/**
 * What one answer is like, without its text: all that a comparison needs, and nothing that a
 * private sentence could be read from. Absent is null: there was no text, or nothing was asked for.
 *
 * @param refusal what the answer does with what it was asked; null where there is none to judge
 * @param json whether the text is one JSON object or array
 * @param schemaKept whether it keeps to the schema that was asked for
 * @param toolsReadable whether every tool call names a tool and has arguments that are a JSON
 *     object; null without a call
 * @param language ISO 639-1; null where it cannot be told
 * @param cutShort whether the answer ended because its length was used up; null where the server
 *     gave no reason
 * @param length characters of the text
 */
public record Traits(
    AnswerOutcome outcome,
    @Nullable Refusal refusal,
    @Nullable Boolean json,
    @Nullable Boolean schemaKept,
    int toolCalls,
    @Nullable Boolean toolsReadable,
    @Nullable String language,
    @Nullable Markdown markdown,
    @Nullable Boolean cutShort,
    @Nullable Integer length) {

  /** Reads answers; thread-safe. */
  public static final class Reader {
    private final RefusalDetector refusals = new RefusalDetector();
    private final JsonCheck check = new JsonCheck();

    /** The traits of an answer to a request with this schema. */
    public Traits read(Answered answer, @Nullable String schema) {
      String text = answer.text();
      String spoken = text == null || text.isBlank() ? null : text;
      return new Traits(
          answer.outcome(),
          answer.outcome() == AnswerOutcome.ANSWERED
              ? refusals.judge(false, answer.finishReason(), answer.toolCalls().size(), text)
              : null,
          spoken == null ? null : JsonCheck.isDocument(spoken),
          (spoken == null || schema == null) ? null : check.keepsTo(spoken, schema),
          answer.toolCalls().size(),
          answer.toolCalls().isEmpty() ? null : toolsReadable(answer),
          spoken == null ? null : Languages.of(spoken),
          spoken == null ? null : Markdown.of(spoken),
          answer.finishReason() == null ? null : isLength(answer.finishReason()),
          text == null ? null : text.length());
    }

    private static boolean isLength(String finishReason) {
      return finishReason.equals("length")
          || finishReason.equals("max_tokens")
          || finishReason.equals("max_output_tokens");
    }

    private static boolean toolsReadable(Answered answer) {
      for (ToolCall call : answer.toolCalls()) {
        JsonNode arguments = JsonCheck.read(call.arguments());
        if (call.name().isBlank() || arguments == null || !arguments.isObject()) {
          return false;
        }
      }
      return true;
    }
  }
}
