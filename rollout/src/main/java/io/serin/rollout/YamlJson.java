package io.serin.rollout;

import java.util.ArrayList;
import java.util.List;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Writes a piece of a YAML document as JSON. */
final class YamlJson {
  private YamlJson() {}

  static String object(YamlFields fields, String name, Node node) throws RolloutFileException {
    if (!(node instanceof MappingNode)) {
      throw fields.fault(name, name + " must be a mapping: it is merged into the request's body");
    }
    return json(fields, name, node);
  }

  private static String json(YamlFields fields, String name, Node node)
      throws RolloutFileException {
    List<String> parts = new ArrayList<>();
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
        parts.add(quote(key) + ":" + json(fields, name, tuple.getValueNode()));
      }
      return "{" + String.join(",", parts) + "}";
    }
    if (node instanceof SequenceNode sequence) {
      for (Node item : sequence.getValue()) {
        parts.add(json(fields, name, item));
      }
      return "[" + String.join(",", parts) + "]";
    }
    if (node instanceof ScalarNode scalar) {
      Tag tag = scalar.getTag();
      String value = scalar.getValue();
      boolean plain =
          tag.equals(Tag.NULL)
              || (tag.equals(Tag.BOOL) && value.matches("true|false"))
              || ((tag.equals(Tag.INT) || tag.equals(Tag.FLOAT))
                  && value.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?"));
      return plain ? (tag.equals(Tag.NULL) ? "null" : value) : quote(value);
    }
    throw fields.fault(name, name + " cannot be written as JSON");
  }

  private static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        default -> {
          if (c < 0x20) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
