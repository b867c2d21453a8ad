package io.serin.cli.rehearse;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.representer.Representer;

/**
 * The rollout that is rehearsed. Of a user's file everything is kept but where its variants are:
 * their URLs become the model servers', and credentials are left out, since a rehearsal never
 * touches the real ones.
 */
final class RolloutFile {

  private final Map<String, Object> root;
  private final Map<String, Object> variants;

  private RolloutFile(Map<String, Object> root, Map<String, Object> variants) {
    this.root = root;
    this.variants = variants;
  }

  /** One stage at a share between 0 and 1, units by the header x-user-id, the default guards. */
  static RolloutFile plain(double share) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("rollout", "rehearsal");
    root.put("unit", List.of("header:x-user-id"));
    Map<String, Object> variants = new LinkedHashMap<>();
    variants.put("control", new LinkedHashMap<>(Map.of("model", "control")));
    variants.put("candidate", new LinkedHashMap<>(Map.of("model", "candidate")));
    root.put("variants", variants);
    String weight = String.format(Locale.ROOT, "%.2f", share * 100).replaceAll("\\.?0+$", "") + "%";
    Map<String, Object> stage = new LinkedHashMap<>();
    stage.put("weight", weight);
    stage.put("for", "7d");
    root.put("stages", List.of(stage));
    return new RolloutFile(root, variants);
  }

  /**
   * Reads a user's file as far as a rehearsal needs it; the controller checks the rest.
   *
   * @throws IllegalArgumentException names the field and the rule
   */
  static RolloutFile read(String name, String text) {
    Object loaded;
    try {
      loaded = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
    } catch (YAMLException e) {
      throw new IllegalArgumentException(name + ": is not YAML: " + e.getMessage(), e);
    }
    Map<String, Object> root = map(name + ": the file", loaded);
    if (!(root.get("rollout") instanceof String)) {
      throw new IllegalArgumentException(name + ": rollout: must be the rollout's name");
    }
    Map<String, Object> variants = map(name + ": variants", root.get("variants"));
    variants.replaceAll((variant, target) -> map(name + ": variants." + variant, target));
    if (!variants.containsKey("control") || variants.size() < 2) {
      throw new IllegalArgumentException(
          name
              + ": variants: must be control and at least one candidate, not "
              + variants.keySet());
    }
    root.put("variants", variants);
    return new RolloutFile(root, variants);
  }

  String rollout() {
    return String.valueOf(root.get("rollout"));
  }

  /** All variants, control first. */
  List<String> variants() {
    Set<String> names = new LinkedHashSet<>();
    names.add("control");
    names.addAll(variants.keySet());
    return List.copyOf(names);
  }

  /** The variants that are not control. */
  Set<String> candidates() {
    Set<String> names = new LinkedHashSet<>(variants.keySet());
    names.remove("control");
    return Set.copyOf(names);
  }

  /** The file to apply, YAML. */
  String pointedAt(Map<String, URI> models) {
    Map<String, Object> pointed = new LinkedHashMap<>(root);
    Map<String, Object> targets = new LinkedHashMap<>();
    variants.forEach(
        (variant, target) -> {
          Map<String, Object> copy = map(variant, target);
          copy.put("url", models.get(variant) + "/v1");
          copy.remove("credential");
          targets.put(variant, copy);
        });
    pointed.put("variants", targets);
    DumperOptions style = new DumperOptions();
    style.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    return new Yaml(new SafeConstructor(new LoaderOptions()), new Representer(style), style)
        .dump(pointed);
  }

  private static Map<String, Object> map(String what, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> found)) {
      throw new IllegalArgumentException(what + ": must be a mapping of names to values");
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    found.forEach((key, inner) -> copy.put(String.valueOf(key), inner));
    return copy;
  }
}
