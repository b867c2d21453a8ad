package io.serin.analytics.policy;

import io.serin.analytics.policy.Session.Current;
import io.serin.analytics.rollout.Split;
import io.serin.analytics.rollout.Stage;
import io.serin.analytics.rollout.Variant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Goes from stage to stage, and promotes after the last. Missing evidence never advances. */
final class Stages {
  private final Session session;

  Stages(Session session) {
    this.session = session;
  }

  /** True where the stage has lasted as long as it was to. */
  static boolean over(Current in, long now) {
    Stage stage = in.stage();
    Status.Run run = in.run();
    return run.phase == Phase.RUNNING
        && (!run.held || now >= run.nextReport)
        && stage.length() != null
        && now - run.stageSince >= stage.length().toMillis();
  }

  /** What follows when a stage has lasted long enough. */
  void end(Current in) {
    Stage stage = in.stage();
    if (!stage.shadow() && !in.judge().seenInStage(in.run().stage)) {
      hold(
          in,
          "no candidate unit was seen in stage " + stage.name() + ": missing data is never a pass");
      return;
    }
    if (in.run().stage + 1 < in.file().stages().size()) {
      enter(in, in.run().stage + 1, "stage " + stage.name() + " is over");
      return;
    }
    if (!stage.full()) {
      hold(in, stage.name() + " is the last stage: a person promotes or rolls back");
      return;
    }
    String missing = in.gate().missing(in.file());
    if (missing.isEmpty()) {
      promote(in, "bake is over and the promotion gate holds", null);
    } else {
      hold(in, missing);
    }
  }

  private void hold(Current in, String why) {
    if (!in.run().held) {
      in.run().held = true;
      session.tell(in, Output.Told.Kind.HELD, "Held: " + why + ".", Map.of("reason", why));
    }
  }

  void enter(Current in, int index, String cause) {
    Status.Run run = in.run();
    run.stage = index;
    Stage stage = in.stage();
    run.stageSince = session.now();
    run.held = false;
    run.split = run.split.reweight(weights(stage));
    run.phase = Phase.RUNNING;
    session.order(in, cause, null);
    Map<String, String> details = new TreeMap<>();
    run.split.weights().forEach((name, weight) -> details.put("weight." + name, weight.toString()));
    session.tell(
        in,
        Output.Told.Kind.STAGE_ENTERED,
        stage.shadow()
            ? "Stage " + stage.name() + ": candidates are tried offline only."
            : "Stage " + stage.name() + " begins: " + percents(run.split) + ".",
        details);
  }

  private static Map<String, Integer> weights(Stage stage) {
    Map<String, Integer> weights = new TreeMap<>(stage.weights());
    int candidates = weights.values().stream().mapToInt(Integer::intValue).sum();
    if (stage.full()) {
      weights.replaceAll((name, weight) -> weight - Stage.HOLDBACK);
      candidates -= Stage.HOLDBACK;
    }
    weights.put(Variant.CONTROL, Split.SLOTS - candidates);
    return weights;
  }

  private static String percents(Split split) {
    List<String> parts = new ArrayList<>();
    split.weights().forEach((name, weight) -> parts.add(name + " " + (weight / 100.0) + "%"));
    return String.join(", ", parts);
  }

  void promote(Current in, String cause, @Nullable String causeId) {
    Status.Run run = in.run();
    Map<String, Integer> last = in.file().stages().getLast().weights();
    String winner =
        last.size() == 1
            ? last.keySet().iterator().next()
            : in.file().candidates().getFirst().name();
    run.phase = Phase.PROMOTED;
    run.split = run.split.reweight(Map.of(winner, Split.SLOTS));
    session.order(in, cause, causeId);
    session.tell(
        in,
        Output.Told.Kind.PROMOTED,
        "Promoted: all units go to " + winner + "; control stays reachable until it is retired.",
        Map.of("cause", cause, "variant", winner));
  }
}
