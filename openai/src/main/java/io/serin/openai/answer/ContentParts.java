package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * Reads content as parts with types: Anthropic's content blocks, the output items of OpenAI's
 * responses, and the messages of some servers of chat completions.
 */
final class ContentParts {

  private final AnswerBuilder answer;

  ContentParts(AnswerBuilder answer) {
    this.answer = answer;
  }

  /** An array of parts; any other value is skipped. */
  void array(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      part(json);
    }
  }

  /** A string, or an array of parts; any other value is skipped. */
  void content(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      answer.recognise();
      answer.text(json);
    } else {
      array(json);
    }
  }

  /** One part. Text after a type of reasoning is not the answer's. */
  void part(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    boolean reasoning = false;
    boolean thought = false;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (name.equals("type") && value == JsonToken.VALUE_STRING) {
        reasoning |= type(json.getText());
      } else if (isThought(name, value, reasoning)) {
        thought |=
            value == JsonToken.START_ARRAY
                ? JsonValues.hasElements(json)
                : json.getTextLength() > 0;
      } else if (name.equals("text") && value == JsonToken.VALUE_STRING && !reasoning) {
        answer.text(json);
      } else if (name.equals("refusal") && value == JsonToken.VALUE_STRING) {
        answer.refusal(json);
      } else if (name.equals("content") && value == JsonToken.START_ARRAY && !reasoning) {
        array(json);
      } else {
        json.skipChildren();
      }
    }
    if (reasoning && thought) {
      answer.reasoning();
    }
  }

  /** A field that holds reasoning, in the clear or sealed; "content" and "text" after its type. */
  private static boolean isThought(String name, JsonToken value, boolean reasoning) {
    boolean holds = value == JsonToken.VALUE_STRING || value == JsonToken.START_ARRAY;
    return holds
        && switch (name) {
          case "thinking", "summary", "encrypted_content", "data" -> true;
          case "text", "content" -> reasoning;
          default -> false;
        };
  }

  /** Counts what a type stands for; true for reasoning. */
  private boolean type(String type) {
    switch (type) {
      case "tool_use", "server_tool_use", "function_call", "custom_tool_call" -> answer.toolCall();
      case "thinking", "redacted_thinking", "reasoning" -> {
        return true;
      }
      default -> {
        // What the server's own tools did: a search, an image, a call of an MCP server.
        if (type.endsWith("_call")) {
          answer.otherContent();
        }
      }
    }
    return false;
  }
}
