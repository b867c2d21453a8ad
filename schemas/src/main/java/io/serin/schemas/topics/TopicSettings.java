package io.serin.schemas.topics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Compares an existing topic with the catalogue. Pure. */
final class TopicSettings {

  private TopicSettings() {}

  /**
   * What would lose or distort records, one sentence each with the fix.
   *
   * @param wanted the partitions that the settings say
   * @param partitions the partitions that the topic has
   * @param config the topic's effective configuration; empty if it may not be read
   */
  static List<String> errors(Topic topic, int wanted, int partitions, Map<String, String> config) {
    List<String> errors = new ArrayList<>();
    if (partitions != wanted) {
      errors.add(
          "topic %s has %d partitions, the settings say %d: start with --%s-partitions %d"
              .formatted(
                  topic.name(),
                  partitions,
                  wanted,
                  topic.key() == Topic.Key.UNIT ? "unit" : "rollout",
                  partitions));
    }
    for (String name : List.of("cleanup.policy", "message.timestamp.type")) {
      String found = config.get(name);
      String right = topic.config().get(name);
      if (found != null && right != null && !found.equals(right)) {
        errors.add(differs(topic, name, found, right));
      }
    }
    return errors;
  }

  /**
   * What an operator may have chosen, but should know: retention shorter than the catalogue's, and
   * a single replica where there are other brokers.
   */
  static List<String> warnings(Topic topic, int replicas, int brokers, Map<String, String> config) {
    List<String> warnings = new ArrayList<>();
    String right = topic.config().get("retention.ms");
    String found = config.get("retention.ms");
    if (found != null && right != null && shorter(found, right)) {
      warnings.add(differs(topic, "retention.ms", found, right));
    }
    if (replicas == 1 && brokers > 1) {
      warnings.add(
          "topic %s has 1 replica on %d brokers: one broker's disk loses it; raise it with kafka-reassign-partitions.sh"
              .formatted(topic.name(), brokers));
    }
    return warnings;
  }

  private static boolean shorter(String found, String right) {
    long has = Long.parseLong(found);
    long wants = Long.parseLong(right);
    return has >= 0 && (wants < 0 || has < wants);
  }

  private static String differs(Topic topic, String name, String found, String right) {
    return "topic %s has %s=%s, it must be %s: kafka-configs.sh --alter --entity-type topics --entity-name %s --add-config %s=%s"
        .formatted(topic.name(), name, found, right, topic.name(), name, right);
  }
}
