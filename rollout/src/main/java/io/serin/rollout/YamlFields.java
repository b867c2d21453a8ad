package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** One mapping of a YAML document, whose fields know their path and line. */
final class YamlFields {
  private final String path;
  private final Node node;
  private final Map<String, Node> fields;

  private YamlFields(String path, Node node, Map<String, Node> fields) {
    this.path = path;
    this.node = node;
    this.fields = fields;
  }

  static YamlFields of(String path, Node node) throws RolloutFileException {
    if (!(node instanceof MappingNode mapping)) {
      throw error(
          node, path, (path.isEmpty() ? "the file" : path) + " must be a mapping of fields");
    }
    Map<String, Node> fields = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw error(tuple.getKeyNode(), path, "a field's name must be a word");
      }
      if (fields.put(key.getValue(), tuple.getValueNode()) != null) {
        throw error(
            key, join(path, key.getValue()), join(path, key.getValue()) + " is given twice");
      }
    }
    return new YamlFields(path, node, fields);
  }

  /** Refuses fields that nobody reads. */
  YamlFields only(String... names) throws RolloutFileException {
    Set<String> known = Set.of(names);
    for (Map.Entry<String, Node> field : fields.entrySet()) {
      if (!known.contains(field.getKey())) {
        String name = join(path, field.getKey());
        throw error(
            field.getValue(),
            name,
            name + " is not a known field; known are " + new TreeSet<>(known));
      }
    }
    return this;
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  Set<String> names() {
    return fields.keySet();
  }

  @Nullable String text(String name) throws RolloutFileException {
    Node value = fields.get(name);
    return value == null ? null : scalar(join(path, name), value);
  }

  String required(String name) throws RolloutFileException {
    String text = text(name);
    if (text == null) {
      throw error(node, join(path, name), join(path, name) + " is missing: it is required");
    }
    return text;
  }

  /** The field's text as read by the function, or the default where the field is absent. */
  <T> T value(String name, T absent, BiFunction<String, String, T> read)
      throws RolloutFileException {
    T value = optional(name, read);
    return value == null ? absent : value;
  }

  /** The field's text as read by the function; null where the field is absent. */
  <T> @Nullable T optional(String name, BiFunction<String, String, T> read)
      throws RolloutFileException {
    String text = text(name);
    return text == null ? null : check(() -> read.apply(name, text));
  }

  boolean flag(String name) throws RolloutFileException {
    String text = text(name);
    if (text == null || text.equals("false")) {
      return false;
    }
    if (text.equals("true")) {
      return true;
    }
    throw fault(name, join(path, name) + " is " + text + ": must be true or false");
  }

  @Nullable YamlFields mapping(String name) throws RolloutFileException {
    Node value = fields.get(name);
    return value == null ? null : of(join(path, name), value);
  }

  boolean isMapping(String name) {
    return fields.get(name) instanceof MappingNode;
  }

  List<YamlFields> mappings(String name) throws RolloutFileException {
    List<YamlFields> list = new ArrayList<>();
    for (Node item : items(name)) {
      list.add(of(join(path, name) + "[" + list.size() + "]", item));
    }
    return list;
  }

  /** A list of texts; one alone may stand without brackets. */
  List<String> textOrTexts(String name) throws RolloutFileException {
    String one = fields.get(name) instanceof ScalarNode ? text(name) : null;
    return one == null ? texts(name) : List.of(one);
  }

  List<String> texts(String name) throws RolloutFileException {
    List<String> list = new ArrayList<>();
    for (Node item : items(name)) {
      list.add(scalar(join(path, name) + "[" + list.size() + "]", item));
    }
    return list;
  }

  Map<String, String> textMap(String name) throws RolloutFileException {
    YamlFields map = mapping(name);
    Map<String, String> texts = new LinkedHashMap<>();
    if (map != null) {
      for (String key : map.names()) {
        texts.put(key, map.required(key));
      }
    }
    return texts;
  }

  @Nullable Node node(String name) {
    return fields.get(name);
  }

  /** Runs a constructor that checks itself, and adds path and line to what it refuses. */
  <T> T check(Supplier<T> construct) throws RolloutFileException {
    try {
      return construct.get();
    } catch (InvalidField e) {
      Node at = fields.getOrDefault(e.field(), node);
      String message = (path.isEmpty() ? "" : path + ".") + e.getMessage();
      throw new RolloutFileException(line(at), join(path, e.field()), message);
    }
  }

  RolloutFileException fault(String name, String message) {
    return error(fields.getOrDefault(name, node), join(path, name), message);
  }

  private List<Node> items(String name) throws RolloutFileException {
    Node value = fields.get(name);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof SequenceNode sequence)) {
      throw error(value, join(path, name), join(path, name) + " must be a list");
    }
    return sequence.getValue();
  }

  private static String scalar(String path, Node value) throws RolloutFileException {
    if (!(value instanceof ScalarNode scalar)) {
      throw error(value, path, path + " must be a single value");
    }
    if (scalar.getTag().equals(Tag.NULL)) {
      throw error(value, path, path + " is empty: give it a value or leave it out");
    }
    return scalar.getValue().strip();
  }

  private static RolloutFileException error(Node node, String field, String message) {
    return new RolloutFileException(line(node), field, message);
  }

  private static int line(Node node) {
    return node.getStartMark() == null ? 0 : node.getStartMark().getLine() + 1;
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
