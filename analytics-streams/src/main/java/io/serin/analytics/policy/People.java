package io.serin.analytics.policy;

import io.serin.analytics.policy.Session.Current;
import io.serin.analytics.rollout.Split;
import io.serin.analytics.rollout.Variant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What people ask for. A second action with the same key does nothing. */
final class People {
  private static final int KEYS = 256;

  private final Session session;
  private final Stages stages;
  private final Rollbacks rollbacks;
  private final Ladder ladder;
  private final Routers routers;

  People(Session session, Stages stages, Rollbacks rollbacks, Ladder ladder, Routers routers) {
    this.session = session;
    this.stages = stages;
    this.rollbacks = rollbacks;
    this.ladder = ladder;
    this.routers = routers;
  }

  void asked(Input.Asked asked) {
    Status status = session.status();
    if (status.keys.contains(asked.key())
        || (status.heedFrom > 0 && asked.at() <= status.heedFrom)) {
      return;
    }
    status.keys.add(asked.key());
    if (status.keys.size() > KEYS) {
      status.keys.removeFirst();
    }
    session.asking(asked.key());
    Current in = session.current();
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
    }
  }

  private void refuse(Current in, Input.Asked asked, String why) {
    session.refuse(in.run().id, asked.kind() + ": " + why, asked.who());
  }

  private void refuse(Current in, Input.Asked asked) {
    refuse(in, asked, "it is " + in.run().phase);
  }

  private void pause(Current in, Input.Asked asked, String by) {
    Status.Run run = in.run();
    if (run.phase != Phase.RUNNING && run.phase != Phase.FROZEN) {
      refuse(in, asked);
      return;
    }
    run.phase = Phase.PAUSED;
    run.pausedAt = session.now();
    session.order(in, by, asked.key());
    session.tell(in, Output.Told.Kind.PAUSED, "Paused by " + asked.who() + ".", who(asked));
  }

  private void resume(Current in, Input.Asked asked, String by) {
    Status.Run run = in.run();
    if (run.phase != Phase.PAUSED) {
      refuse(in, asked);
      return;
    }
    run.phase = Phase.RUNNING;
    run.stageSince += session.now() - run.pausedAt;
    session.order(in, by, asked.key());
    session.tell(in, Output.Told.Kind.RESUMED, "Resumed by " + asked.who() + ".", who(asked));
  }

  private void promote(Current in, Input.Asked asked, String by) {
    if (!in.active()) {
      refuse(in, asked);
    } else if (in.run().stage + 1 < in.file().stages().size()) {
      stages.enter(in, in.run().stage + 1, by);
    } else {
      stages.promote(in, by, asked.key());
    }
  }

  private void rollBack(Current in, Input.Asked asked, String by) {
    if (!in.active() && in.run().phase != Phase.PROMOTED) {
      refuse(in, asked);
      return;
    }
    rollbacks.rollBack(in, by, asked.key(), "asked for by " + asked.who(), 0, who(asked));
  }

  private void abort(Current in, Input.Asked asked, String by) {
    Status.Run run = in.run();
    if (!in.active()) {
      refuse(in, asked);
      return;
    }
    run.phase = Phase.ABORTED;
    run.split = run.split.reweight(Map.of(Variant.CONTROL, Split.SLOTS));
    session.order(in, by, asked.key());
    rollbacks.expectConfirmation(in, 0);
    session.tell(in, Output.Told.Kind.ABORTED, "Aborted by " + asked.who() + ".", who(asked));
  }

  private void retire(Current in, Input.Asked asked, String by) {
    if (in.active()) {
      refuse(in, asked, "it is " + in.run().phase + ": promote, roll back or abort it first");
      return;
    }
    in.run().phase = Phase.RETIRED;
    session.order(in, by, asked.key());
    session.tell(in, Output.Told.Kind.RETIRED, "Retired by " + asked.who() + ".", who(asked));
  }

  private void trip(Current in, Input.Asked asked) {
    String variant = asked.variant();
    if (variant == null || variant.equals(Variant.CONTROL) || !in.active()) {
      refuse(in, asked, "needs a candidate of an active run");
      return;
    }
    String who = asked.who();
    String router = who.startsWith("router:") ? who.substring("router:".length()) : who;
    routers.tripped(in, router, variant, asked.reason());
  }

  private void clearTrips(Current in, Input.Asked asked, String by) {
    Status.Run run = in.run();
    List<String> variants =
        asked.variant() == null ? List.copyOf(run.trips.keySet()) : List.of(asked.variant());
    if (variants.isEmpty() || !run.trips.keySet().containsAll(variants)) {
      refuse(
          in,
          asked,
          "nothing is tripped" + (asked.variant() == null ? "" : " for " + asked.variant()));
      return;
    }
    for (String variant : variants) {
      run.trips.remove(variant).forEach(router -> run.cleared.add(router + "/" + variant));
    }
    session.order(in, session.status().revision + 1, by, asked.key(), variants);
    if (in.active()) {
      ladder.evaluate(in, false);
    }
  }

  private static Map<String, String> who(Input.Asked asked) {
    Map<String, String> details = new TreeMap<>();
    details.put("who", asked.who());
    details.put("idempotencyKey", asked.key());
    if (asked.reason() != null) {
      details.put("reason", asked.reason());
    }
    return details;
  }
}
