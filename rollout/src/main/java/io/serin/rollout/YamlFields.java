package io.serin.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.rollout.value.InvalidField;
import io.serin.rollout.value.Quantities;
import io.serin.rollout.value.Spelling;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.CollectionNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One mapping of a YAML document, whose fields know their path and line. {@code <<} merges as in
 * YAML 1.1: what the mapping names itself wins. Immutable.
 */
public final class YamlFields {
  /** Most bytes of a document, in UTF-8. */
  public static final int MOST_BYTES = 128 * 1024;

  /**
   * Most bytes of a document's values, in JSON and with every alias written out. All that becomes
   * records is made of them, so each stays well below a broker's 1 MiB.
   */
  static final int MOST_EXPANDED = 256 * 1024;

  private static final int MOST_NODES = 20_000;

  private final String path;
  private final Node node;
  private final Map<String, Node> fields;

  private YamlFields(String path, Node node, Map<String, Node> fields) {
    this.path = path;
    this.node = node;
    this.fields = fields;
  }

  /**
   * The one mapping that a document consists of.
   *
   * @throws RolloutFileException where it is not one YAML mapping, or is beyond a bound
   */
  public static YamlFields read(String yaml) throws RolloutFileException {
    int bytes = yaml.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_BYTES) {
      throw new RolloutFileException(
          0, "", "the file has " + bytes + " bytes: must be at most " + MOST_BYTES);
    }
    LoaderOptions options = new LoaderOptions();
    options.setNestingDepthLimit(20);
    try {
      Node node = new Yaml(new SafeConstructor(options)).compose(new StringReader(yaml));
      if (node == null) {
        throw new RolloutFileException(0, "", "the file is empty");
      }
      new Size().add(node);
      return of("", node);
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      String problem = e.getProblem() == null ? "cannot be read" : e.getProblem();
      throw new RolloutFileException(
          mark == null ? 0 : mark.getLine() + 1, "", "not YAML: " + problem);
    } catch (YAMLException e) {
      throw new RolloutFileException(0, "", "not YAML: " + e.getMessage());
    }
  }

  /** What a document grows to where each alias is written out; stops at the bound. */
  private static final class Size {
    private final Set<Node> around = Collections.newSetFromMap(new IdentityHashMap<>());
    private int bytes;
    private int nodes;

    void add(Node node) throws RolloutFileException {
      nodes++;
      if (node instanceof ScalarNode scalar) {
        String value = scalar.getValue();
        bytes += value.length() + 4;
        for (int i = 0; i < value.length(); i++) {
          char c = value.charAt(i);
          bytes += c < ' ' ? 5 : c < 0x80 ? 0 : 2;
        }
      }
      if (bytes > MOST_EXPANDED || nodes > MOST_NODES) {
        throw error(
            node, "", "the file grows beyond " + MOST_EXPANDED + " bytes where aliases are read");
      }
      if (node instanceof CollectionNode<?> collection) {
        if (!around.add(node)) {
          throw error(node, "", "an alias stands inside of what it names");
        }
        for (Object inner : collection.getValue()) {
          if (inner instanceof NodeTuple tuple) {
            add(tuple.getKeyNode());
            add(tuple.getValueNode());
          } else if (inner instanceof Node item) {
            add(item);
          }
        }
        around.remove(node);
      }
    }
  }

  static YamlFields of(String path, Node node) throws RolloutFileException {
    if (!(node instanceof MappingNode mapping)) {
      throw error(
          node, path, (path.isEmpty() ? "the file" : path) + " must be a mapping of fields");
    }
    Map<String, Node> fields = new LinkedHashMap<>();
    Map<String, Node> merged = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw error(tuple.getKeyNode(), path, "a field's name must be a word");
      }
      if (key.getTag().equals(Tag.MERGE)) {
        Node value = tuple.getValueNode();
        List<Node> sources =
            value instanceof SequenceNode several ? several.getValue() : List.of(value);
        for (Node source : sources) {
          of(join(path, "<<"), source).fields.forEach(merged::putIfAbsent);
        }
      } else if (fields.put(key.getValue(), tuple.getValueNode()) != null) {
        throw error(
            key, join(path, key.getValue()), join(path, key.getValue()) + " is given twice");
      }
    }
    merged.forEach(fields::putIfAbsent);
    return new YamlFields(path, node, fields);
  }

  /** Refuses fields that nothing reads. */
  public YamlFields only(String... names) throws RolloutFileException {
    List<String> known = List.of(names);
    for (Map.Entry<String, Node> field : fields.entrySet()) {
      if (!known.contains(field.getKey())) {
        String name = join(path, field.getKey());
        String meant = Spelling.nearest(field.getKey(), known);
        throw error(
            field.getValue(),
            name,
            name
                + " is not a known field; "
                + (meant == null ? "" : "did you mean " + meant + "? ")
                + "known are "
                + new TreeSet<>(known));
      }
    }
    return this;
  }

  public boolean has(String name) {
    return fields.containsKey(name);
  }

  public Set<String> names() {
    return fields.keySet();
  }

  public @Nullable String text(String name) throws RolloutFileException {
    Node value = fields.get(name);
    return value == null ? null : scalar(join(path, name), value);
  }

  public String required(String name) throws RolloutFileException {
    String text = text(name);
    if (text == null) {
      throw error(node, join(path, name), join(path, name) + " is missing: it is required");
    }
    return text;
  }

  /** The field's text as read by the function, or the default where the field is absent. */
  public <T> T value(String name, T absent, BiFunction<String, String, T> read)
      throws RolloutFileException {
    T value = optional(name, read);
    return value == null ? absent : value;
  }

  /** The field's text as read by the function; null where the field is absent. */
  public <T> @Nullable T optional(String name, BiFunction<String, String, T> read)
      throws RolloutFileException {
    String text = text(name);
    return text == null ? null : check(() -> read.apply(name, text));
  }

  /** A whole number that an int holds. */
  int whole(String name, int absent) throws RolloutFileException {
    long value = has(name) ? count(name) : absent;
    if (value > Integer.MAX_VALUE) {
      throw refused(name, value, "must be at most " + Integer.MAX_VALUE);
    }
    return (int) value;
  }

  /** A whole number, 0 where the field is absent. */
  long count(String name) throws RolloutFileException {
    return value(
        name,
        0L,
        (field, text) -> {
          double value = Quantities.number(field, text);
          if (value != Math.rint(value) || Math.abs(value) > 1e15) {
            throw new InvalidField(field, text, "must be a whole number");
          }
          return (long) value;
        });
  }

  boolean flag(String name) throws RolloutFileException {
    String text = text(name);
    if (text == null || text.equals("false")) {
      return false;
    }
    if (text.equals("true")) {
      return true;
    }
    throw refused(name, text, "must be true or false");
  }

  public @Nullable YamlFields mapping(String name) throws RolloutFileException {
    Node value = fields.get(name);
    return value == null ? null : of(join(path, name), value);
  }

  public boolean isMapping(String name) {
    return fields.get(name) instanceof MappingNode;
  }

  public List<YamlFields> mappings(String name) throws RolloutFileException {
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

  /** All fields as JSON. */
  public ObjectNode json() throws RolloutFileException {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (String name : names()) {
      object.set(name, YamlJson.of(this, name, node(name)));
    }
    return object;
  }

  /** The field's value as JSON; null where the field is absent. */
  @Nullable JsonNode json(String name) throws RolloutFileException {
    Node value = fields.get(name);
    return value == null ? null : YamlJson.of(this, name, value);
  }

  /** The value that stands nearest to a field, or to a part of one such as moreUrls[1]. */
  Node node(String name) {
    Node value = fields.get(name);
    return value == null ? fields.getOrDefault(name.replaceFirst("[.\\[].*", ""), node) : value;
  }

  /** The path of a field, as messages name it. */
  String path(String name) {
    return join(path, name);
  }

  /** Runs a constructor that checks itself, and adds path and line to what it refuses. */
  public <T> T check(Supplier<T> construct) throws RolloutFileException {
    try {
      return construct.get();
    } catch (InvalidField e) {
      String message = (path.isEmpty() ? "" : path + ".") + e.getMessage();
      throw new RolloutFileException(line(node(e.field())), join(path, e.field()), message);
    }
  }

  /** A fault of a field, in words after its path. */
  public RolloutFileException fault(String name, String rule) {
    return error(node(name), join(path, name), join(path, name) + " " + rule);
  }

  /** A value that breaks a rule. */
  public RolloutFileException refused(String name, Object value, String rule) {
    return fault(name, "is " + value + ": " + rule);
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
