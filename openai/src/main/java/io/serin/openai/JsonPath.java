package io.serin.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Paths into a JSON body: names and indices with dots between, {@code \.} for a dot inside a name.
 */
public final class JsonPath {

  private JsonPath() {}

  /**
   * Splits a path into its steps.
   *
   * @throws IllegalArgumentException where a step is empty
   */
  public static List<String> split(String path) {
    List<String> steps = new ArrayList<>();
    StringBuilder step = new StringBuilder();
    for (int i = 0; i <= path.length(); i++) {
      if (i == path.length() || path.charAt(i) == '.') {
        if (step.isEmpty()) {
          throw new IllegalArgumentException("path is '" + path + "', must not have an empty step");
        }
        steps.add(step.toString());
        step.setLength(0);
      } else {
        if (path.charAt(i) == '\\' && i + 1 < path.length()) {
          i++;
        }
        step.append(path.charAt(i));
      }
    }
    return List.copyOf(steps);
  }

  /**
   * The scalar at the end of the path, from its step on, with the parser on the value's first
   * token. Where a name is there twice the last counts, as with every other reader of JSON.
   */
  static @Nullable String find(JsonParser json, List<String> path, int step) throws IOException {
    JsonToken token = json.currentToken();
    if (step == path.size()) {
      if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
        json.skipChildren();
        return null;
      }
      return token == JsonToken.VALUE_NULL ? null : json.getText();
    }
    String found = null;
    if (token == JsonToken.START_OBJECT) {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean here = json.currentName().equals(path.get(step));
        json.nextToken();
        if (here) {
          found = find(json, path, step + 1);
        } else {
          json.skipChildren();
        }
      }
    } else if (token == JsonToken.START_ARRAY) {
      for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
        if (path.get(step).equals(Integer.toString(i))) {
          found = find(json, path, step + 1);
        } else {
          json.skipChildren();
        }
      }
    }
    return found;
  }
}
