package io.serin.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of a request's body a rollout may set. Those that say what is asked, and how the
 * answer comes, belong to the client: setting them would answer another question.
 */
final class BodyFields {
  private static final Set<String> OF_CLIENT =
      Set.of(
          "messages",
          "prompt",
          "input",
          "suffix",
          "stream",
          "stream_options",
          "n",
          "model",
          "tools",
          "functions",
          "conversation",
          "previous_response_id");

  private BodyFields() {}

  /**
   * Checks the names of an object.
   *
   * @param object null for none
   */
  static void check(YamlFields fields, String name, @Nullable JsonNode object)
      throws RolloutFileException {
    if (object == null) {
      return;
    }
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String field = names.next();
      if (OF_CLIENT.contains(field)) {
        throw fields.fault(
            name + "." + field,
            "must not be set: "
                + (field.equals("model")
                    ? "a variant has a field model of its own"
                    : "it says what the client asks"));
      }
    }
  }
}
