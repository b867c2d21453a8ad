package io.serin.cli.rehearse;

import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.rollout.Stage;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
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
  static RolloutFile plain(String name, double share) {
    Map<String, Object> root = beginning(name);
    String weight = String.format(Locale.ROOT, "%.2f", share * 100).replaceAll("\\.?0+$", "") + "%";
    Map<String, Object> stage = new LinkedHashMap<>();
    stage.put("weight", weight);
    stage.put("for", "7d");
    root.put("stages", List.of(stage));
    return of(root);
  }

  /**
   * The default pipeline at high speed: shadow, 5, 25, 50 and 100 % with a holdback. Each stage
   * lasts so long and 50 %, where evidence is cheapest, twice as long; the promotion waits for the
   * gate. Deadlines match: a model that hangs is given up after 4 s.
   *
   * @param length of each stage
   * @param strict whether every guard rolls back, those of tokens and refusals included
   */
  static RolloutFile pipeline(String name, Duration length, boolean strict) {
    Map<String, Object> root = beginning(name);
    String time = length.toMillis() + "ms";
    String twice = 2 * length.toMillis() + "ms";
    List<Object> stages = new ArrayList<>();
    stages.add(fields("shadow", true, "for", time, "until", "time"));
    stages.add(fields("weight", "5%", "for", time, "until", "time"));
    stages.add(fields("weight", "25%", "for", time, "until", "time"));
    stages.add(fields("weight", "50%", "for", twice, "until", "time"));
    stages.add(fields("weight", "100%", "bake", time, "deadline", "10m"));
    root.put("stages", stages);
    root.put("deadlines", fields("connect", "2s", "firstByte", "6s", "idle", "6s", "total", "30s"));
    if (strict) {
      root.put(
          "guards",
          List.of(
              fields(
                  "metric", "latency.p50", "worseBy", "20%", "then", "rollback", "notWorse", "20%"),
              fields(
                  "metric", "latency.p95", "worseBy", "20%", "then", "rollback", "notWorse", "20%"),
              fields(
                  "metric",
                  "error.rate",
                  "worseBy",
                  0,
                  "atLeast",
                  "0.5pp",
                  "then",
                  "rollback",
                  "notWorse",
                  "1pp"),
              fields("metric", "tokens", "worseBy", "50%", "then", "rollback"),
              fields(
                  "metric", "refusal.rate", "worseBy", 0, "atLeast", "0.5pp", "then", "rollback")));
    }
    return of(root);
  }

  private static Map<String, Object> beginning(String name) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("rollout", name);
    root.put("unit", List.of("header:x-user-id"));
    root.put(
        "variants",
        fields("control", fields("model", "control"), "candidate", fields("model", "candidate")));
    return root;
  }

  private static Map<String, Object> fields(Object... namesAndValues) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return fields;
  }

  private static RolloutFile of(Map<String, Object> root) {
    return new RolloutFile(root, map("variants", root.get("variants")));
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

  /**
   * Names of its stages, in order.
   *
   * @throws IllegalArgumentException where the controller would refuse the file
   */
  List<String> stages() {
    Map<String, URI> anywhere = new LinkedHashMap<>();
    variants().forEach(variant -> anywhere.put(variant, URI.create("http://127.0.0.1:1")));
    try {
      return RolloutFileReader.read(pointedAt(anywhere)).stages().stream()
          .map(Stage::name)
          .toList();
    } catch (RolloutFileException e) {
      throw new IllegalArgumentException("rollout file: " + e.getMessage(), e);
    }
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
