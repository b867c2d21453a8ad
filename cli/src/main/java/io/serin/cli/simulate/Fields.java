package io.serin.cli.simulate;

import io.serin.rollout.value.InvalidField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** The fields of a YAML or JSON mapping; an error names the field, its value and the rule. */
final class Fields {
  private final String path;
  private final Map<String, Object> values;

  private Fields(String path, Map<String, Object> values) {
    this.path = path;
    this.values = values;
  }

  /**
   * Reads a document.
   *
   * @throws IllegalArgumentException where it is no mapping
   */
  static Fields read(String text) {
    try {
      LoaderOptions options = new LoaderOptions();
      options.setAllowDuplicateKeys(false);
      return of("", new Yaml(new SafeConstructor(options)).load(text));
    } catch (YAMLException e) {
      throw new IllegalArgumentException("neither YAML nor JSON: " + e.getMessage(), e);
    }
  }

  private static Fields of(String path, Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new InvalidField(
          path.isEmpty() ? "the file" : path, value, "must be a mapping of fields");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    map.forEach((key, each) -> values.put(String.valueOf(key), each));
    return new Fields(path, values);
  }

  /** Refuses fields that nothing reads. */
  Fields only(String... names) {
    for (String name : values.keySet()) {
      if (!Set.of(names).contains(name)) {
        throw new IllegalArgumentException(
            at(name) + " is not a field here: the fields are " + String.join(", ", names));
      }
    }
    return this;
  }

  boolean has(String name) {
    return values.get(name) != null;
  }

  boolean isMapping(String name) {
    return values.get(name) instanceof Map;
  }

  /** The path of a field, for messages. */
  String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  String text(String name, String fallback) {
    Object value = values.get(name);
    if (value instanceof Map || value instanceof List) {
      throw new InvalidField(at(name), value, "must be one value");
    }
    return value == null ? fallback : String.valueOf(value);
  }

  String required(String name) {
    if (!has(name)) {
      throw new IllegalArgumentException(at(name) + " is missing");
    }
    return text(name, "");
  }

  /** An empty mapping where the field is absent. */
  Fields mapping(String name) {
    Object value = values.get(name);
    return value == null ? new Fields(at(name), Map.of()) : of(at(name), value);
  }

  List<Fields> mappings(String name) {
    if (!(values.get(name) instanceof List<?> list)) {
      throw new IllegalArgumentException(at(name) + " must be a list of mappings");
    }
    List<Fields> result = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      result.add(of(at(name) + "[" + i + "]", list.get(i)));
    }
    return result;
  }
}
