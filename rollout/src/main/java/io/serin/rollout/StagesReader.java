package io.serin.rollout;

import io.serin.rollout.assignment.Split;
import io.serin.rollout.value.Quantities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads how a candidate comes into traffic: strategy, stages, split. */
final class StagesReader {
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Duration DAY = Duration.ofDays(1);
  private static final String AB_STAGE = "ab";

  private StagesReader() {}

  /**
   * The stages.
   *
   * @param pairs whether control is replayed beside the candidate, so that a shadow stage can be
   *     judged by pairs
   */
  static List<Stage> stages(
      YamlFields file, Strategy strategy, List<Variant> candidates, boolean pairs)
      throws RolloutFileException {
    if (strategy == Strategy.AB) {
      if (file.has("stages")) {
        throw file.fault("stages", "is not for strategy ab: its weights are fixed by split");
      }
      return List.of(abStage(file, candidates));
    }
    if (file.has("split")) {
      throw file.fault("split", "is for strategy ab; others have stages");
    }
    List<Stage> stages =
        (file.has("stages") ? given(file, candidates) : defaults(file, strategy, candidates))
            .stream().map(stage -> pairs ? stage : stage.withoutPairs()).toList();
    check(file, strategy, stages);
    if (!pairs && file.has("stages")) {
      for (YamlFields fields : file.mappings("stages")) {
        if (fields.has("until") && "pairs".equals(fields.text("until"))) {
          throw fields.fault(
              "until",
              "is pairs: needs shadow.controlReplay above 0, for pairs are the candidate"
                  + " beside control, replayed too");
        }
      }
    }
    return stages;
  }

  /** Primary metric and smallest effect of an A/B test; null for other strategies. */
  static @Nullable AbPlan abPlan(YamlFields file, Strategy strategy) throws RolloutFileException {
    if (strategy != Strategy.AB) {
      for (String field : List.of("primary", "mde", "level")) {
        if (file.has(field)) {
          throw file.fault(field, "is for strategy ab");
        }
      }
      return null;
    }
    file.required("primary");
    file.required("mde");
    AbPlan.Primary primary =
        file.value("primary", AbPlan.Primary.ERROR_RATE, AbPlan.Primary::parse);
    double mde = file.value("mde", 0.0, primary.rate() ? Quantities::points : Quantities::ratio);
    double level = file.value("level", AbPlan.DEFAULT_LEVEL, Quantities::ratio);
    return file.check(() -> new AbPlan(primary, mde, level));
  }

  private static Stage abStage(YamlFields file, List<Variant> candidates)
      throws RolloutFileException {
    Map<String, Integer> weights = new LinkedHashMap<>();
    YamlFields named = file.mapping("split");
    if (named == null) {
      candidates.forEach(
          candidate -> weights.put(candidate.name(), Split.SLOTS / (candidates.size() + 1)));
    } else {
      for (String name : named.names()) {
        if (!name.equals(Variant.CONTROL)) {
          known(named, name, candidates);
          weights.put(name, named.value(name, 0, Quantities::basisPoints));
        }
      }
      int control = Split.SLOTS - Stage.sum(weights);
      if (control <= 0) {
        throw file.fault("split", "leaves nothing to control: it must keep a share");
      }
      if (named.has(Variant.CONTROL)
          && named.value(Variant.CONTROL, 0, Quantities::basisPoints) != control) {
        throw named.fault(Variant.CONTROL, "must make the split sum to 100%");
      }
      if (weights.size() < candidates.size()) {
        throw file.fault("split", "must name every candidate: it has " + weights.keySet());
      }
    }
    return file.check(() -> new Stage(AB_STAGE, weights, null, null, null, null));
  }

  private static List<Stage> given(YamlFields file, List<Variant> candidates)
      throws RolloutFileException {
    List<Stage> stages = new ArrayList<>();
    for (YamlFields fields : file.mappings("stages")) {
      stages.add(stage(fields, stages, candidates));
    }
    return stages;
  }

  private static Stage stage(YamlFields fields, List<Stage> before, List<Variant> candidates)
      throws RolloutFileException {
    fields.only("name", "shadow", "weight", "for", "bake", "until", "deadline");
    boolean shadow = fields.flag("shadow");
    if (shadow == fields.has("weight")) {
      throw fields.fault(
          "weight",
          shadow
              ? "stands beside shadow: true: give one of them"
              : "is missing: a stage needs a weight or shadow: true");
    }
    Map<String, Integer> weights = shadow ? Map.of() : weights(fields, candidates);
    if (!shadow
        && !fields.has("name")
        && !before.isEmpty()
        && before.getLast().weights().equals(weights)) {
      throw fields.fault(
          "weight", "is that of the stage before: where that is meant, give the stage a name");
    }
    boolean full = Stage.sum(weights) == Split.SLOTS;
    Duration lasts = fields.optional("for", Quantities::duration);
    Duration givenBake = fields.optional("bake", Quantities::duration);
    Duration bake = givenBake == null && full ? DAY : givenBake;
    Duration least = full ? bake : lasts;
    String givenName = fields.text("name");
    String name = givenName == null ? defaultName(weights, before) : givenName;
    Until givenUntil = fields.optional("until", Until::parse);
    Until until =
        givenUntil == null
            ? fields.check(() -> Stage.of(name, weights, least)).until()
            : givenUntil;
    Duration givenDeadline = fields.optional("deadline", Quantities::duration);
    Duration deadline = givenDeadline == null ? Stage.deadline(until, least) : givenDeadline;
    return fields.check(() -> new Stage(name, weights, lasts, bake, until, deadline));
  }

  private static List<Stage> defaults(YamlFields file, Strategy strategy, List<Variant> candidates)
      throws RolloutFileException {
    if (strategy == Strategy.SHADOW) {
      return List.of(Stage.of("shadow", Map.of(), null));
    }
    if (candidates.size() > 1) {
      throw file.fault(
          "stages", "is missing: with several candidates each stage names its weights");
    }
    String candidate = candidates.getFirst().name();
    Stage full = Stage.of("100%", Map.of(candidate, Split.SLOTS), DAY);
    return strategy == Strategy.BLUE_GREEN
        ? List.of(Stage.of("shadow", Map.of(), DAY), full)
        : List.of(
            Stage.of("shadow", Map.of(), WEEK),
            Stage.of("5%", Map.of(candidate, 500), WEEK),
            Stage.of("25%", Map.of(candidate, 2_500), WEEK),
            Stage.of("50%", Map.of(candidate, 5_000), WEEK),
            full);
  }

  private static void check(YamlFields file, Strategy strategy, List<Stage> stages)
      throws RolloutFileException {
    if (strategy == Strategy.SHADOW && !stages.stream().allMatch(Stage::shadow)) {
      throw file.fault("stages", "must all be shadow: true for strategy shadow");
    }
    if (strategy == Strategy.BLUE_GREEN
        && !(stages.size() >= 2
            && stages.getLast().full()
            && stages.subList(0, stages.size() - 1).stream().allMatch(Stage::shadow))) {
      throw file.fault(
          "stages", "must be shadow stages and one of weight 100% for strategy blue-green");
    }
  }

  private static String defaultName(Map<String, Integer> weights, List<Stage> before) {
    String name = weights.isEmpty() ? "shadow" : percent(Stage.sum(weights));
    return before.stream().noneMatch(stage -> stage.name().equals(name))
        ? name
        : name + " (" + (before.size() + 1) + ")";
  }

  private static String percent(int basisPoints) {
    return (basisPoints % 100 == 0 ? "" + basisPoints / 100 : "" + basisPoints / 100.0) + "%";
  }

  private static Map<String, Integer> weights(YamlFields stage, List<Variant> candidates)
      throws RolloutFileException {
    if (!stage.isMapping("weight")) {
      if (candidates.size() > 1) {
        throw stage.fault(
            "weight", "must name each candidate, as in {candidate: 5%}: there are several");
      }
      int weight = stage.value("weight", 0, Quantities::basisPoints);
      return Map.of(candidates.getFirst().name(), weight);
    }
    YamlFields named = stage.mapping("weight");
    Map<String, Integer> weights = new LinkedHashMap<>();
    if (named != null) {
      for (String name : named.names()) {
        known(named, name, candidates);
        weights.put(name, named.value(name, 0, Quantities::basisPoints));
      }
    }
    return weights;
  }

  private static void known(YamlFields named, String name, List<Variant> candidates)
      throws RolloutFileException {
    if (candidates.stream().noneMatch(candidate -> candidate.name().equals(name))) {
      throw named.fault(name, "names no candidate");
    }
  }
}
