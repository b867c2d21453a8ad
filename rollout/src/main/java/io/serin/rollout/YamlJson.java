package io.serin.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Writes a piece of a YAML document as JSON. Plain scalars are read as YAML 1.1 does, so {@code
 * True}, {@code yes}, {@code 1_000} and {@code 0x10} are JSON's true, true, 1000 and 16; but what
 * begins with a zero, like an identifier, and what holds a colon, like a time, stays text.
 */
final class YamlJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Pattern TRUE = Pattern.compile("true|yes|on", Pattern.CASE_INSENSITIVE);
  private static final Pattern HEX = Pattern.compile("[-+]?0x[0-9a-fA-F]+");
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(?:0|[1-9][0-9]*)?(?:\\.[0-9]*)?(?:[eE][-+]?[0-9]{1,3})?");

  private YamlJson() {}

  static JsonNode of(YamlFields fields, String name, Node node) throws RolloutFileException {
    if (node instanceof MappingNode) {
      return YamlFields.of(fields.path(name), node).json();
    }
    if (node instanceof SequenceNode sequence) {
      ArrayNode array = JSON.arrayNode();
      for (Node item : sequence.getValue()) {
        array.add(of(fields, name, item));
      }
      return array;
    }
    if (node instanceof ScalarNode scalar) {
      return scalar(fields, name, scalar);
    }
    throw fields.fault(name, "cannot be written as JSON");
  }

  private static JsonNode scalar(YamlFields fields, String name, ScalarNode node)
      throws RolloutFileException {
    Tag tag = node.getTag();
    String value = node.getValue();
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    }
    if (tag.equals(Tag.BOOL)) {
      return JSON.booleanNode(TRUE.matcher(value).matches());
    }
    if (!tag.equals(Tag.INT) && !tag.equals(Tag.FLOAT)) {
      return JSON.textNode(value);
    }
    String digits = value.replace("_", "");
    if (HEX.matcher(digits).matches()) {
      return JSON.numberNode(new BigInteger(digits.replaceFirst("0x", ""), 16));
    }
    String bare = digits.startsWith("+") ? digits.substring(1) : digits;
    if (DECIMAL.matcher(bare).matches()) {
      BigDecimal number = new BigDecimal(bare);
      return number.scale() <= 0 && bare.matches("-?[0-9]+")
          ? JSON.numberNode(number.toBigIntegerExact())
          : JSON.numberNode(number);
    }
    if (bare.toLowerCase(Locale.ROOT).matches("-?\\.(inf|nan)")) {
      throw fields.refused(name, value, "is not a number that JSON has");
    }
    return JSON.textNode(value);
  }
}
