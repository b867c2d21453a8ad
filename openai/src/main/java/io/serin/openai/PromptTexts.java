package io.serin.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the texts of messages or prompts: a string, an array of strings, of messages with a role
 * and a content, or of parts of the types text, input_text and output_text.
 */
final class PromptTexts {

  private PromptTexts() {}

  /** With the parser on the value's first token; leaves it on the last. */
  static void collect(JsonParser json, boolean userOnly, List<String> into) throws IOException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.VALUE_STRING) {
      into.add(json.getText());
    } else if (token == JsonToken.START_ARRAY) {
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() == JsonToken.VALUE_STRING) {
          into.add(json.getText());
        } else if (json.currentToken() == JsonToken.START_OBJECT) {
          message(json, userOnly, into);
        } else {
          json.skipChildren();
        }
      }
    } else {
      json.skipChildren();
    }
  }

  /** How a conversation opens, with the parser on the first token of its messages or its text. */
  static Opening opening(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return new Opening(hash(0, json.getText()), List.of(), 0);
    }
    long beginning = 0;
    long soFar = 0;
    int answers = 0;
    List<Long> afterAnswers = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      Message message = spoken(json, afterAnswers.size() < Opening.MOST_ANSWERS);
      switch (message.role) {
        case "user" -> {
          soFar = hash(soFar, message.text);
          beginning = beginning == 0 ? soFar : beginning;
        }
        case "assistant" -> {
          soFar = hash(soFar * 31 + 1, message.text);
          answers++;
          if (afterAnswers.size() < Opening.MOST_ANSWERS) {
            afterAnswers.add(soFar);
          }
        }
        default -> {}
      }
    }
    return new Opening(beginning, List.copyOf(afterAnswers), answers);
  }

  private record Message(String role, String text) {}

  /** One message; a call of a client's tool counts as the assistant's. */
  private static Message spoken(JsonParser json, boolean withText) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return new Message("", "");
    }
    String role = "";
    String text = "";
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (value == JsonToken.VALUE_STRING && name.equals("role")) {
        role = json.getText();
      } else if (value == JsonToken.VALUE_STRING && name.equals("type")) {
        role = json.getText().endsWith("_call") ? "assistant" : role;
      } else if (withText && name.equals("content")) {
        String content = content(json);
        text = content == null ? "" : content;
      } else {
        json.skipChildren();
      }
    }
    return new Message(role, text);
  }

  private static long hash(long before, String text) {
    long hash = before ^ 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    hash ^= hash >>> 32;
    hash *= 0x9E3779B97F4A7C15L;
    return hash == 0 ? 1 : hash;
  }

  /**
   * Where the first message of a user ends, in bytes from the array's first; −1 where there is
   * none. With the parser on the array's first token.
   */
  static int endOfFirstUserMessage(JsonParser json) throws IOException {
    while (json.nextToken() == JsonToken.START_OBJECT) {
      boolean user = false;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean role = json.currentName().equals("role");
        json.nextToken();
        user |= role && "user".equals(json.getValueAsString());
        json.skipChildren();
      }
      if (user) {
        return (int) json.currentTokenLocation().getByteOffset() + 1;
      }
    }
    return -1;
  }

  private static void message(JsonParser json, boolean userOnly, List<String> into)
      throws IOException {
    String role = null;
    String text = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (value == JsonToken.VALUE_STRING && name.equals("role")) {
        role = json.getText();
      } else if (name.equals("content") || name.equals("text")) {
        text = content(json);
      } else {
        json.skipChildren();
      }
    }
    if (text != null && (!userOnly || role == null || role.equals("user"))) {
      into.add(text);
    }
  }

  private static @Nullable String content(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return json.getText();
    }
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return null;
    }
    StringBuilder text = new StringBuilder();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      String part = null;
      if (json.currentToken() == JsonToken.VALUE_STRING) {
        part = json.getText();
      } else if (json.currentToken() == JsonToken.START_OBJECT) {
        part = part(json);
      } else {
        json.skipChildren();
      }
      if (part != null) {
        text.append(text.isEmpty() ? "" : "\n").append(part);
      }
    }
    return text.isEmpty() ? null : text.toString();
  }

  private static @Nullable String part(JsonParser json) throws IOException {
    String text = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      boolean here = json.currentName().equals("text");
      if (json.nextToken() == JsonToken.VALUE_STRING && here) {
        text = json.getText();
      } else {
        json.skipChildren();
      }
    }
    return text;
  }
}
