package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Chat completions and completions: choices that hold a message, a delta of one, or a text. Only
 * the first choice is the answer; of the others it is known that they exist.
 */
final class ChatDialect {

  private final AnswerBuilder answer;
  private final ContentParts parts;

  ChatDialect(AnswerBuilder answer, ContentParts parts) {
    this.answer = answer;
    this.parts = parts;
  }

  void choices(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new NotAChunkException("choices is not an array");
    }
    answer.recognise();
    int position = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        throw new NotAChunkException("a choice is not an object");
      }
      choice(json, position++);
    }
  }

  private void choice(JsonParser json, int position) throws IOException {
    int index = position;
    int textBefore = answer.textLength();
    String finish = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "index" -> index = value == JsonToken.VALUE_NUMBER_INT ? json.getIntValue() : index;
        case "text" -> {
          if (value != JsonToken.VALUE_STRING && value != JsonToken.VALUE_NULL) {
            throw new NotAChunkException("text is not a string");
          }
          answer.text(json);
        }
        case "delta", "message" -> {
          if (value == JsonToken.START_OBJECT) {
            message(json);
          } else if (value != JsonToken.VALUE_NULL) {
            throw new NotAChunkException(name + " is not an object");
          }
        }
        case "finish_reason" -> finish = JsonValues.string(json);
        default -> json.skipChildren();
      }
    }
    // The index may follow the text, as in OpenAI's completions: another choice's text goes again.
    if (index != 0) {
      answer.cutTextTo(textBefore);
    } else if (finish != null && !finish.isEmpty()) {
      answer.finishReason(finish);
      answer.finish();
    }
  }

  /** A message, or a delta of one. */
  private void message(JsonParser json) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "content" -> {
          switch (value) {
            case VALUE_STRING -> answer.text(json);
            case VALUE_NULL -> {}
            case START_ARRAY -> parts.array(json);
            default -> throw new NotAChunkException("content is not a string");
          }
        }
        case "refusal" -> {
          if (value == JsonToken.VALUE_STRING && json.getTextLength() > 0) {
            answer.refusal(json);
          } else {
            json.skipChildren();
          }
        }
        case "reasoning", "reasoning_content" -> {
          if (value == JsonToken.VALUE_STRING && json.getTextLength() > 0) {
            answer.reasoning();
          }
          json.skipChildren();
        }
        case "tool_calls" -> toolCalls(json);
        case "function_call" -> functionCall(json, 0);
        case "audio", "images" -> {
          if (value == JsonToken.START_OBJECT || JsonValues.hasElements(json)) {
            answer.otherContent();
          }
          json.skipChildren();
        }
        default -> json.skipChildren();
      }
    }
  }

  /** Counts calls, not their deltas: only a call's first delta names its function. */
  private void toolCalls(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        json.skipChildren();
        continue;
      }
      int index = -1;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        boolean function = field.equals("function") || field.equals("custom");
        json.nextToken();
        if (function && json.currentToken() == JsonToken.START_OBJECT) {
          functionCall(json, index);
        } else if (field.equals("index") && json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
          index = json.getIntValue();
        } else {
          json.skipChildren();
        }
      }
    }
  }

  /**
   * A call, or a delta of one.
   *
   * @param index of the call that a delta belongs to; −1 for the newest
   */
  private void functionCall(JsonParser json, int index) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    boolean kept = answer.keepsToolCalls();
    @Nullable String called = null;
    @Nullable String arguments = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      if (json.nextToken() == JsonToken.VALUE_STRING) {
        if (field.equals("name") && json.getTextLength() > 0) {
          answer.toolCall();
          called = kept ? json.getText() : null;
        } else if (kept && (field.equals("arguments") || field.equals("input"))) {
          arguments = json.getText();
        }
      }
      json.skipChildren();
    }
    answer.toolCallPiece(index, called, arguments);
  }
}
