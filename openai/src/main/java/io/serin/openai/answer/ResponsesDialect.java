package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** OpenAI's responses: typed events, deltas that are strings, output items and a status. */
final class ResponsesDialect {

  private final boolean streamed;
  private final AnswerBuilder answer;
  private final ContentParts parts;
  private @Nullable String incompleteReason;

  ResponsesDialect(boolean streamed, AnswerBuilder answer, ContentParts parts) {
    this.streamed = streamed;
    this.answer = answer;
    this.parts = parts;
  }

  void type(String type) {
    if (type.startsWith("response.")) {
      answer.recognise();
      if (type.equals("response.completed") || type.equals("response.incomplete")) {
        answer.finish();
      }
    }
  }

  /** A delta, with the parser on its string. */
  void delta(JsonParser json, @Nullable String type) throws IOException {
    if ("response.output_text.delta".equals(type)) {
      answer.text(json);
    } else if ("response.refusal.delta".equals(type)) {
      answer.refusal(json);
    } else if ("response.reasoning_text.delta".equals(type)
        || "response.reasoning_summary_text.delta".equals(type)) {
      answer.reasoning();
    }
  }

  /** An item, counted when it is added: its end repeats it. */
  void item(JsonParser json, @Nullable String type) throws IOException {
    if ("response.output_item.added".equals(type)) {
      parts.part(json);
    } else {
      json.skipChildren();
    }
  }

  /** The output items of a body. In a stream they repeat the deltas, and are skipped. */
  void output(JsonParser json, @Nullable String type) throws IOException {
    if (json.currentToken() == JsonToken.START_ARRAY) {
      answer.recognise();
    }
    if (answer.hasTextOrRefusal() || type != null) {
      json.skipChildren();
    } else {
      parts.content(json);
    }
  }

  void status(JsonParser json) throws IOException {
    String status = JsonValues.string(json);
    if (status == null) {
      return;
    }
    switch (status) {
      case "completed", "incomplete" -> {
        answer.finish();
        answer.finishReason(status.equals("completed") ? "stop" : incomplete());
      }
      case "queued", "in_progress" -> {
        if (!streamed) {
          // A response in the background is answered before it has content: what came is its id.
          answer.otherContent();
          answer.finishReason(status);
        }
      }
      default -> {}
    }
  }

  void incompleteDetails(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      boolean reason = json.currentName().equals("reason");
      json.nextToken();
      if (reason) {
        incompleteReason = JsonValues.string(json);
      } else {
        json.skipChildren();
      }
    }
    if ("length".equals(answer.finishReason())) {
      answer.finishReason(incomplete());
    }
  }

  /** Why a response is incomplete, in the words of chat completions. */
  private String incomplete() {
    return "content_filter".equals(incompleteReason) ? "content_filter" : "length";
  }
}
