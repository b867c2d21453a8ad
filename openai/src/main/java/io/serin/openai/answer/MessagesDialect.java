package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Anthropic's messages: content blocks, deltas that are objects, and a stop reason. */
final class MessagesDialect {

  private final AnswerBuilder answer;

  MessagesDialect(AnswerBuilder answer) {
    this.answer = answer;
  }

  void type(String type) {
    switch (type) {
      case "message_stop" -> {
        answer.recognise();
        answer.finish();
      }
      case "message",
          "message_start",
          "message_delta",
          "content_block_start",
          "content_block_delta",
          "ping" ->
          answer.recognise();
      default -> {}
    }
  }

  /** A delta, with the parser on its START_OBJECT. */
  void delta(JsonParser json) throws IOException {
    answer.recognise();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (name.equals("text") && value == JsonToken.VALUE_STRING) {
        answer.text(json);
      } else if (name.equals("thinking") && value == JsonToken.VALUE_STRING) {
        answer.reasoning();
      } else if (name.equals("stop_reason")) {
        stopReason(json);
      } else {
        json.skipChildren();
      }
    }
  }

  /** Ends the answer. "refusal" says what OpenAI says in a field of that name. */
  void stopReason(JsonParser json) throws IOException {
    String reason = JsonValues.string(json);
    if (reason != null && !reason.isEmpty()) {
      answer.finishReason(reason);
      answer.finish();
      if (reason.equals("refusal")) {
        answer.refuse();
      }
    }
  }
}
