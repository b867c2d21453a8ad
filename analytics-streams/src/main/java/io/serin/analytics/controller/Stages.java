package io.serin.analytics.controller;

import io.serin.analytics.controller.Session.Current;
import io.serin.analytics.gates.Format;
import io.serin.analytics.gates.Progress;
import io.serin.analytics.gates.StageGate;
import io.serin.rollout.Stage;
import io.serin.rollout.Variant;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Goes from stage to stage, and promotes after the last: when the stage has lasted, its gate holds
 * for every candidate that it serves, evidence is fresh and routers follow. Otherwise it holds, and
 * at the deadline asks a person.
 */
final class Stages {
  private final Session session;
  private final EvidenceFreshness freshness;
  private final StageReport stageReport;
  private final RequestForecast planner;

  Stages(Session session, EvidenceFreshness freshness) {
    this.session = session;
    this.freshness = freshness;
    this.stageReport = new StageReport(session, freshness);
    this.planner = new RequestForecast(session);
  }

  /** True where the stage has just lasted as long as it is to. */
  static boolean over(Current in, Status status, long now) {
    Duration least = in.stage().length();
    long watched = in.run().watched + Math.clamp(now - status.now, 0, ControllerClock.LONGEST_STEP);
    return in.run().phase == RolloutState.RUNNING
        && !in.run().held
        && least != null
        && watched >= least.toMillis();
  }

  /**
   * Goes on where it may.
   *
   * @param report say of each candidate where it stands
   */
  void check(Current in, boolean report) {
    Stage stage = in.stage();
    StageGate gate = StageGate.of(in.file(), stage);
    List<String> candidates = stage.shadow() ? in.candidates() : in.served();
    Map<String, Progress> progress = new TreeMap<>();
    candidates.forEach(candidate -> progress.put(candidate, gate.progress(in, candidate)));
    if (report) {
      planner.announce(in);
      progress.forEach((candidate, found) -> stageReport.say(in, candidate, found));
    }
    if (in.file().ab() != null) {
      tellDecided(in);
      return; // Its split is fixed until a person promotes or rolls back.
    }
    Status.Run run = in.run();
    Duration least = stage.length();
    if (run.phase != RolloutState.RUNNING) {
      askStopped(in);
      return;
    }
    if (least != null && run.watched < least.toMillis()) {
      return;
    }
    String against = against(in, progress);
    if (!against.isEmpty()) {
      askOrHold(in, against);
    } else if (!run.asked) {
      advance(in);
    }
  }

  private void tellDecided(Current in) {
    in.run()
        .ab
        .forEach(
            (candidate, state) -> {
              if (state.announce()) {
                session.tell(
                    in,
                    EventKind.DECIDED,
                    "The test has stopped: "
                        + state.decided()
                        + ". A person promotes or rolls back.",
                    Map.of("candidate", candidate, "better", Boolean.toString(state.better())));
              }
            });
  }

  /** What stands against going on, as a clause; empty where nothing does. */
  private String against(Current in, Map<String, Progress> progress) {
    List<String> clauses = new ArrayList<>();
    progress.forEach(
        (candidate, found) -> {
          if (!found.holds()) {
            clauses.add(found.text() + stageReport.needs(in, candidate, found));
          }
        });
    String missing = freshness.stale(in);
    if (!missing.isEmpty()) {
      clauses.add(missing);
    }
    String outage = in.served().isEmpty() ? "" : freshness.outage(in);
    if (!outage.isEmpty()) {
      clauses.add(outage);
    }
    String refused = Routers.refused(session.status(), in.served());
    if (!refused.isEmpty()) {
      clauses.add(refused);
    }
    if (clauses.isEmpty() && flips(in)) {
      String behind = behind();
      if (!behind.isEmpty()) {
        clauses.add(behind);
      }
    }
    return String.join("; ", clauses);
  }

  /** True where the next step gives a candidate all units, the holdback's or more. */
  private static boolean flips(Current in) {
    int next = next(in);
    return next < 0 ? in.stage().full() : in.file().stages().get(next).full();
  }

  /** What stands against giving a candidate all units by hand, as a clause; empty if nothing. */
  String againstFlip(Current in) {
    if (next(in) >= 0 && !flips(in)) {
      return "";
    }
    String refused = Routers.refused(session.status(), in.served());
    return refused.isEmpty() ? behind() : refused;
  }

  /** The checks before a flip: a router serves, and all that serve follow. */
  private String behind() {
    Status status = session.status();
    List<String> behind = new ArrayList<>();
    int live = 0;
    for (var entry : status.routers.entrySet()) {
      if (status.now - entry.getValue().heardAt <= Session.LIVE) {
        live++;
        if (entry.getValue().revision < status.revision) {
          behind.add(entry.getKey());
        }
      }
    }
    if (live == 0) {
      return "no router was heard in the last "
          + Format.duration(Session.LIVE)
          + ": the flip is not possible";
    }
    return behind.isEmpty()
        ? ""
        : String.join(", ", behind) + " does not serve revision " + status.revision + " yet";
  }

  /** A stage that is frozen or paused until its deadline asks a person too. */
  private void askStopped(Current in) {
    Status.Run run = in.run();
    boolean paused = run.phase == RolloutState.PAUSED;
    long passed = paused ? session.now() - run.stageSince : run.watched;
    askAtDeadline(in, passed, paused ? "it is paused" : "frozen: " + run.frozenBy);
  }

  /** True if the deadline is over and a person was asked by this. */
  private boolean askAtDeadline(Current in, long passed, String why) {
    Status.Run run = in.run();
    Duration deadline = in.stage().deadline();
    if (deadline == null || run.asked || passed - run.askedAt < deadline.toMillis()) {
      return false;
    }
    run.asked = true;
    session.tell(
        in,
        EventKind.INCONCLUSIVE,
        "Inconclusive after "
            + Format.duration(passed)
            + ": "
            + why
            + ". A person promotes, rolls back, or gives more time with resume.",
        Map.of("reason", why));
    return true;
  }

  private void askOrHold(Current in, String why) {
    Status.Run run = in.run();
    if (!askAtDeadline(in, run.watched, why) && !run.held) {
      run.held = true;
      session.tell(in, EventKind.HELD, "Held: " + why + ".", Map.of("reason", why));
    }
  }

  private void advance(Current in) {
    Stage stage = in.stage();
    int next = next(in);
    if (next >= 0) {
      enter(in, next, "stage " + stage.name() + " is over");
    } else if (stage.full()) {
      promote(
          in,
          stage.weights().keySet().iterator().next(),
          "bake is over and the promotion gate holds",
          null);
    } else {
      askOrHold(
          in,
          stage.name() + " is the last stage and its gate holds: a person promotes or rolls back");
    }
  }

  /** The next stage that serves a candidate that is left, or tries one offline; −1: none. */
  static int next(Current in) {
    List<Stage> stages = in.file().stages();
    int first = in.run().waits ? 0 : in.run().stage + 1;
    for (int i = first; i < stages.size(); i++) {
      if (stages.get(i).shadow()
          || in.candidates().stream().anyMatch(stages.get(i).weights()::containsKey)) {
        return i;
      }
    }
    return -1;
  }

  void enter(Current in, int index, String cause) {
    Status.Run run = in.run();
    run.stage = index;
    run.waits = false;
    Stage stage = in.stage();
    run.stageSince = session.now();
    run.watched = 0;
    run.held = false;
    run.asked = false;
    run.askedAt = 0;
    run.evidence.values().forEach(seen -> seen.expected = 0);
    run.split = run.split.reweight(weights(in, stage));
    run.phase = RolloutState.RUNNING;
    session.order(in, cause, null);
    Map<String, String> details = new TreeMap<>();
    run.split.weights().forEach((name, weight) -> details.put("weight." + name, weight.toString()));
    details.put("cause", cause);
    session.tell(
        in,
        EventKind.STAGE_ENTERED,
        stage.shadow()
            ? "Stage " + stage.name() + ": candidates are tried offline only."
            : "Stage " + stage.name() + " begins: " + percents(run.split) + ".",
        details);
  }

  private static Map<String, Integer> weights(Current in, Stage stage) {
    Map<String, Integer> weights = new TreeMap<>(stage.weights());
    weights.keySet().retainAll(in.candidates());
    if (stage.full()) {
      weights.replaceAll((name, weight) -> weight - Stage.HOLDBACK);
    }
    weights.put(Variant.CONTROL, Split.SLOTS - sum(weights));
    return weights;
  }

  private static int sum(Map<String, Integer> weights) {
    return weights.values().stream().mapToInt(Integer::intValue).sum();
  }

  private static String percents(Split split) {
    List<String> parts = new ArrayList<>();
    split.weights().forEach((name, weight) -> parts.add(name + " " + (weight / 100.0) + "%"));
    return String.join(", ", parts);
  }

  void promote(Current in, String winner, String cause, @Nullable String causeId) {
    Status.Run run = in.run();
    run.phase = RolloutState.PROMOTED;
    run.split = run.split.reweight(Map.of(winner, Split.SLOTS));
    session.order(in, cause, causeId);
    session.tell(
        in,
        EventKind.PROMOTED,
        "Promoted: all units go to " + winner + "; control stays reachable until it is retired.",
        Map.of("cause", cause, "variant", winner));
  }
}
