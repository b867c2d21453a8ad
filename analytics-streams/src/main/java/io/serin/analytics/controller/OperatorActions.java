package io.serin.analytics.controller;

import io.serin.analytics.controller.Session.Current;
import io.serin.rollout.Variant;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What people ask for. A second action with the same key does nothing. */
final class OperatorActions {
  private static final int KEYS = 256;

  private final Session session;
  private final Stages stages;
  private final Rollbacks rollbacks;
  private final GuardActions guardActions;
  private final Routers routers;

  OperatorActions(
      Session session,
      Stages stages,
      Rollbacks rollbacks,
      GuardActions guardActions,
      Routers routers) {
    this.session = session;
    this.stages = stages;
    this.rollbacks = rollbacks;
    this.guardActions = guardActions;
    this.routers = routers;
  }

  void asked(Input.Action asked) {
    Status status = session.status();
    if (status.keys.contains(asked.key())
        || (status.heedFrom > 0 && asked.at() < status.heedFrom)) {
      return;
    }
    status.keys.add(asked.key());
    if (status.keys.size() > KEYS) {
      status.keys.removeFirst();
    }
    session.asking(asked.key());
    Current in = session.current();
    Status.Lost lost = status.lost;
    if (in == null
        && lost != null
        && lost.phase == RolloutState.FAILED
        && endsFailed(lost, asked)) {
      return;
    }
    if (in == null) {
      session.refuse("", asked.kind() + ": no file is applied", asked.who());
      return;
    }
    if (asked.expectedRevision() != null && asked.expectedRevision() != status.revision) {
      refuse(
          in,
          asked,
          "revision " + asked.expectedRevision() + " was expected, it is " + status.revision);
      return;
    }
    String by =
        asked.kind() + " by " + asked.who() + (asked.reason() == null ? "" : ": " + asked.reason());
    switch (asked.kind()) {
      case PAUSE -> pause(in, asked, by);
      case RESUME -> resume(in, asked, by);
      case PROMOTE -> promote(in, asked, by);
      case ROLLBACK -> rollBack(in, asked, by);
      case ABORT -> abort(in, asked, by);
      case RETIRE -> retire(in, asked, by);
      case TRIP -> trip(in, asked);
      case CLEAR_TRIP -> clearTrips(in, asked, by);
      case UNKNOWN, APPLY -> refuse(in, asked, "it is not an action on a run");
    }
  }

  /** Ends a run whose file cannot be read; true where the action does that. */
  private boolean endsFailed(Status.Lost lost, Input.Action asked) {
    String by = asked.kind() + " by " + asked.who();
    switch (asked.kind()) {
      case ROLLBACK -> session.orderLost(lost, RolloutState.ROLLED_BACK, EventKind.ROLLED_BACK, by);
      case ABORT -> session.orderLost(lost, RolloutState.ABORTED, EventKind.ABORTED, by);
      case RETIRE -> session.orderLost(lost, RolloutState.RETIRED, EventKind.RETIRED, by);
      case UNKNOWN, APPLY, PAUSE, RESUME, PROMOTE, TRIP, CLEAR_TRIP -> {
        return false;
      }
    }
    return true;
  }

  private void refuse(Current in, Input.Action asked, String why) {
    session.refuse(in.run().id, asked.kind() + ": " + why, asked.who());
  }

  private void refuse(Current in, Input.Action asked) {
    refuse(in, asked, "it is " + in.run().phase);
  }

  private void pause(Current in, Input.Action asked, String by) {
    Status.Run run = in.run();
    if (run.phase != RolloutState.RUNNING && run.phase != RolloutState.FROZEN) {
      refuse(in, asked);
      return;
    }
    run.phase = RolloutState.PAUSED;
    session.order(in, by, asked.key());
    session.tell(in, EventKind.PAUSED, "Paused by " + asked.who() + ".", who(asked));
  }

  /** After a pause, or to give a stage more time whose deadline is over. */
  private void resume(Current in, Input.Action asked, String by) {
    Status.Run run = in.run();
    if (run.waits && run.phase == RolloutState.PAUSED) {
      stages.enter(in, 0, by);
      return;
    }
    boolean moreTime = run.phase != RolloutState.PAUSED && in.active() && run.asked;
    if (run.phase != RolloutState.PAUSED && !moreTime) {
      refuse(in, asked);
      return;
    }
    if (!moreTime) {
      run.phase = RolloutState.RUNNING; // A frozen run stays frozen until what froze it is over.
    }
    if (run.asked) {
      run.asked = false;
      run.askedAt = run.watched;
    }
    session.order(in, by, asked.key());
    session.tell(
        in,
        EventKind.RESUMED,
        moreTime ? "More time, given by " + asked.who() + "." : "Resumed by " + asked.who() + ".",
        who(asked));
  }

  /** To the next stage; after the last, of the candidate that is named or the only one left. */
  private void promote(Current in, Input.Action asked, String by) {
    if (!in.active()) {
      refuse(in, asked);
      return;
    }
    int next = Stages.next(in);
    String variant = asked.variant();
    String against = stages.againstFlip(in);
    if (!against.isEmpty()) {
      refuse(in, asked, against + "; wait for it, or apply a file that every router can serve");
      return;
    }
    if (next >= 0 && variant == null) {
      stages.enter(in, next, by);
      return;
    }
    if (next >= 0) {
      refuse(in, asked, "a variant is promoted from the last stage only; this goes stage by stage");
      return;
    }
    List<String> served = in.served();
    if (variant == null && served.size() == 1) {
      stages.promote(in, served.getFirst(), by, asked.key());
    } else if (variant != null && served.contains(variant)) {
      stages.promote(in, variant, by, asked.key());
    } else {
      refuse(
          in,
          asked,
          served.isEmpty()
              ? "no candidate is served: apply a file with stages that serve one"
              : "name one of " + String.join(", ", served));
    }
  }

  private void rollBack(Current in, Input.Action asked, String by) {
    if (!in.active()
        && in.run().phase != RolloutState.PROMOTED
        && in.run().phase != RolloutState.FAILED) {
      refuse(in, asked);
      return;
    }
    String variant = asked.variant();
    if (variant != null && !in.candidates().contains(variant)) {
      refuse(in, asked, variant + " is none of the candidates " + in.candidates());
      return;
    }
    rollbacks.rollBack(in, variant, by, asked.key(), "asked for by " + asked.who(), 0, who(asked));
    if (in.active()) {
      guardActions.evaluate(in, false);
    }
  }

  private void abort(Current in, Input.Action asked, String by) {
    Status.Run run = in.run();
    if (!in.active() && run.phase != RolloutState.FAILED) {
      refuse(in, asked);
      return;
    }
    run.phase = RolloutState.ABORTED;
    run.split = run.split.reweight(Map.of(Variant.CONTROL, Split.SLOTS));
    rollbacks.overtakeRouters();
    session.order(in, by, asked.key());
    rollbacks.expectConfirmation(in, "", 0, true);
    session.tell(in, EventKind.ABORTED, "Aborted by " + asked.who() + ".", who(asked));
  }

  private void retire(Current in, Input.Action asked, String by) {
    if (in.active()) {
      refuse(in, asked, "it is " + in.run().phase + ": promote, roll back or abort it first");
      return;
    }
    in.run().phase = RolloutState.RETIRED;
    session.order(in, by, asked.key());
    session.tell(in, EventKind.RETIRED, "Retired by " + asked.who() + ".", who(asked));
  }

  private void trip(Current in, Input.Action asked) {
    String variant = asked.variant();
    if (variant == null || !in.active() || !in.candidates().contains(variant)) {
      refuse(in, asked, "needs a candidate of an active run");
      return;
    }
    String who = asked.who();
    String router = who.startsWith("router:") ? who.substring("router:".length()) : who;
    routers.tripped(in, router, variant, asked.reason());
  }

  private void clearTrips(Current in, Input.Action asked, String by) {
    Status.Run run = in.run();
    List<String> all = in.file().candidates().stream().map(Variant::name).toList();
    if (asked.variant() != null && !all.contains(asked.variant())) {
      refuse(in, asked, asked.variant() + " is none of the candidates " + all);
      return;
    }
    // Also what this controller knows nothing of: a router may have tripped unheard.
    List<String> variants = asked.variant() == null ? all : List.of(asked.variant());
    for (String variant : variants) {
      Set<String> routers = run.trips.remove(variant);
      if (routers != null) {
        routers.forEach(router -> run.cleared.add(router + "/" + variant));
      }
    }
    session.order(in, session.status().revision + 1, by, asked.key(), variants);
    if (in.active()) {
      guardActions.evaluate(in, false);
    }
  }

  private static Map<String, String> who(Input.Action asked) {
    Map<String, String> details = new TreeMap<>();
    details.put("who", asked.who());
    details.put("idempotencyKey", asked.key());
    if (asked.reason() != null) {
      details.put("reason", asked.reason());
    }
    return details;
  }
}
