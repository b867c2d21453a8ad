package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the value that a parser stands on; a value of another kind is skipped whole. */
final class JsonValues {

  private JsonValues() {}

  /** A string, or null. */
  static @Nullable String string(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return json.getText();
    }
    json.skipChildren();
    return null;
  }

  /** A string, number or boolean as text, or null. */
  static @Nullable String scalar(JsonParser json) throws IOException {
    if (json.currentToken().isScalarValue() && json.currentToken() != JsonToken.VALUE_NULL) {
      return json.getText();
    }
    json.skipChildren();
    return null;
  }

  /** Whether the value is an array with at least one element. */
  static boolean hasElements(JsonParser json) throws IOException {
    boolean elements = false;
    if (json.currentToken() == JsonToken.START_ARRAY) {
      while (json.nextToken() != JsonToken.END_ARRAY) {
        json.skipChildren();
        elements = true;
      }
    } else {
      json.skipChildren();
    }
    return elements;
  }
}
