package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** The control API's answers as text. Pure. */
final class RolloutText {

  private RolloutText() {}

  /** One line for each rollout. */
  static String list(JsonNode answer) {
    JsonNode rollouts = answer.isArray() ? answer : answer.path("rollouts");
    if (rollouts.isEmpty()) {
      return "no rollouts";
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode each : rollouts) {
      text.append(
          "%-24s %-14s %s%n"
              .formatted(
                  first(each, "rollout", "name"),
                  first(each, "state", "status"),
                  first(each, "stage")));
    }
    return text.toString().stripTrailing();
  }

  /** Everything that is known of one rollout, indented. */
  static String full(JsonNode answer) {
    StringBuilder text = new StringBuilder();
    append(text, answer, "");
    return text.toString().stripTrailing();
  }

  private static void append(StringBuilder text, JsonNode node, String indent) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      JsonNode value = field.getValue();
      if (value.isValueNode()) {
        text.append(indent).append(field.getKey()).append(": ").append(value.asText()).append('\n');
      } else if (!value.isEmpty()) {
        text.append(indent).append(field.getKey()).append(":\n");
        if (value.isArray()) {
          appendArray(text, value, indent + "  ");
        } else {
          append(text, value, indent + "  ");
        }
      }
    }
  }

  private static void appendArray(StringBuilder text, JsonNode array, String indent) {
    for (JsonNode item : array) {
      if (item.isValueNode()) {
        text.append(indent).append("- ").append(item.asText()).append('\n');
      } else {
        StringBuilder inner = new StringBuilder();
        append(inner, item, indent + "  ");
        if (!inner.isEmpty()) {
          text.append(inner.replace(indent.length(), indent.length() + 2, "- "));
        }
      }
    }
  }

  private static String first(JsonNode node, String... names) {
    for (String name : names) {
      if (node.hasNonNull(name)) {
        return node.get(name).asText();
      }
    }
    return "";
  }
}
