package io.serin.cli.rehearse;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.rollout.Stage;
import io.serin.rollout.YamlFields;
import io.serin.rollout.value.Quantities;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * The rollout that is rehearsed. A user's file is kept except where its variants are: their URLs
 * become the model servers', and credentials go, since a rehearsal never touches the real ones.
 */
final class RehearsedFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String HEAD =
      """
      rollout: %s
      unit: ["header:x-user-id"]
      variants: {control: {model: control}, candidate: {model: candidate}}
      """;

  private static final String STRICT =
      """
      guards:
        - {metric: latency.p50, worseBy: 20%, then: rollback, notWorse: 20%}
        - {metric: latency.p95, worseBy: 20%, then: rollback, notWorse: 20%}
        - {metric: error.rate, worseBy: 0, atLeast: 0.5pp, then: rollback, notWorse: 1pp}
        - {metric: tokens, worseBy: 50%, then: rollback}
        - {metric: refusal.rate, worseBy: 0, atLeast: 0.5pp, then: rollback}
      """;

  private final ObjectNode root;

  private RehearsedFile(ObjectNode root) {
    this.root = root;
  }

  /** One stage at a share between 0 and 1, units by the header x-user-id, the default guards. */
  static RehearsedFile plain(String name, double share) {
    return read(
        name,
        HEAD.formatted(name)
            + "stages: [{weight: %s, for: 7d}]".formatted(Quantities.percent(share)));
  }

  /**
   * The default pipeline at high speed: shadow, 5, 25, 50 and 100 % with a holdback. 50 %, where
   * evidence is cheapest, lasts twice as long; the promotion waits for the gate.
   *
   * @param length of each stage
   * @param strict whether every guard rolls back, those of tokens and refusals included
   */
  static RehearsedFile pipeline(String name, Duration length, boolean strict) {
    // Deadlines match the speed: a model that hangs is given up after 6 s.
    String stages =
        """
        stages:
          - {shadow: true, for: %1$s, until: time}
          - {weight: 5%%, for: %1$s, until: time}
          - {weight: 25%%, for: %1$s, until: time}
          - {weight: 50%%, for: %2$s, until: time}
          - {weight: 100%%, bake: %1$s, deadline: 10m}
        deadlines: {connect: 2s, firstByte: 6s, idle: 6s, total: 30s}
        """
            .formatted(length.toMillis() + "ms", 2 * length.toMillis() + "ms");
    return read(name, HEAD.formatted(name) + stages + (strict ? STRICT : ""));
  }

  /**
   * Reads a user's file as far as a rehearsal needs it; {@link #stages} checks the rest.
   *
   * @param name of the file, for messages
   * @throws IllegalArgumentException names the field and the rule
   */
  static RehearsedFile read(String name, String text) {
    try {
      YamlFields file = YamlFields.read(text);
      file.required("rollout");
      YamlFields variants = file.mapping("variants");
      if (variants == null || !variants.has("control") || variants.names().size() < 2) {
        throw file.fault(
            "variants",
            "must be control and at least one candidate, not "
                + (variants == null ? List.of() : variants.names()));
      }
      for (String variant : variants.names()) {
        variants.mapping(variant);
      }
      return new RehearsedFile(file.json());
    } catch (RolloutFileException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  String rollout() {
    return root.path("rollout").asText();
  }

  /** All variants, control first. */
  List<String> variants() {
    Set<String> names = new LinkedHashSet<>();
    names.add("control");
    root.path("variants").fieldNames().forEachRemaining(names::add);
    return List.copyOf(names);
  }

  /** The variants that are not control. */
  Set<String> candidates() {
    Set<String> names = new LinkedHashSet<>(variants());
    names.remove("control");
    return Set.copyOf(names);
  }

  /**
   * Names of its stages, in order.
   *
   * @throws IllegalArgumentException when the controller would refuse the file
   */
  List<String> stages() {
    try {
      return RolloutFileReader.read(pointedAt(Map.of())).stages().stream()
          .map(Stage::name)
          .toList();
    } catch (RolloutFileException e) {
      throw new IllegalArgumentException("rollout file: " + e.getMessage(), e);
    }
  }

  /**
   * The file to apply, YAML.
   *
   * @param models where each variant's model server is; any other variant is at a port that nothing
   *     serves
   */
  String pointedAt(Map<String, URI> models) {
    ObjectNode pointed = root.deepCopy();
    for (String variant : variants()) {
      URI model = models.getOrDefault(variant, URI.create("http://127.0.0.1:1"));
      pointed
          .withObject("/variants")
          .withObject(variant)
          .put("url", model + "/v1")
          .remove("credential");
    }
    DumperOptions style = new DumperOptions();
    style.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    return new Yaml(style).dump(JSON.convertValue(pointed, Map.class));
  }
}
