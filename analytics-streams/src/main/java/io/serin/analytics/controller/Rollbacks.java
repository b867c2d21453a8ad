package io.serin.analytics.controller;

import io.serin.analytics.controller.Session.Current;
import io.serin.rollout.Variant;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RolloutStates;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes candidates out, one or all, and says when every router has. A router that stays silent
 * leaves a rollback unconfirmed until its lease is over. What was taken out of a run never comes
 * back in it.
 */
final class Rollbacks {
  private static final long LONGEST_CONFIRMATION = 300_000;

  private final Session session;
  private final MovedConversations moved;

  Rollbacks(Session session, MovedConversations moved) {
    this.session = session;
    this.moved = moved;
  }

  /**
   * Takes a candidate out; its units go to control, the others' stay.
   *
   * @param candidate null for all
   * @param firstBadAt event time of what began it; 0 where nothing did
   */
  void rollBack(
      Current in,
      @Nullable String candidate,
      String cause,
      @Nullable String causeId,
      String text,
      long firstBadAt,
      Map<String, String> numbers) {
    Status.Run run = in.run();
    List<String> out = candidate == null ? in.candidates() : List.of(candidate);
    out.forEach(name -> run.removed.put(name, cause));
    out.forEach(run.trips::remove);
    boolean leased = RolloutStates.active(run.phase);
    boolean last = in.candidates().isEmpty() || !leased;
    if (last) {
      overtakeRouters();
      run.phase = RolloutState.ROLLED_BACK;
      run.split = run.split.reweight(Map.of(Variant.CONTROL, Split.SLOTS));
    } else {
      run.split = without(run.split, out);
    }
    session.order(in, cause, causeId);
    expectConfirmation(in, last ? "" : out.getFirst(), firstBadAt, leased);
    Map<String, String> details = new TreeMap<>(numbers);
    details.put("cause", cause);
    details.put("candidates", String.join(",", out));
    if (causeId != null) {
      details.put("causeId", causeId);
    }
    if (firstBadAt > 0) {
      details.put("firstBadAt", Long.toString(firstBadAt));
    }
    session.tell(
        in,
        EventKind.ROLLED_BACK,
        "Rolled back: "
            + text
            + (last
                ? ". All units go to control."
                : ". Units of "
                    + String.join(", ", out)
                    + " go to control; "
                    + String.join(", ", in.candidates())
                    + " continues."),
        details);
    confirm(in);
  }

  /**
   * Takes a rollout out of the controller's hands after a step that could not be finished: control
   * serves, and nothing else moves until a person acts or a new file is applied. A run that is over
   * stays as it is. Does nothing the second time.
   */
  void fail(Input.Failed failed) {
    Status status = session.status();
    Current in = session.current();
    String cause = "the controller failed: " + failed.cause();
    Map<String, String> details = Map.of("cause", failed.cause());
    if (in == null) {
      Status.Lost lost = status.lost;
      if (lost == null) {
        session.tell(
            EventKind.FAILED,
            failed.run(),
            -1,
            "",
            "The controller failed: " + failed.cause() + ". Nothing is applied.",
            details);
      } else if (lost.phase != RolloutState.FAILED) {
        session.orderLost(lost, RolloutState.FAILED, EventKind.FAILED, cause);
      }
      return;
    }
    Status.Run run = in.run();
    if (run.contained) {
      return;
    }
    run.contained = true;
    boolean leased = RolloutStates.active(run.phase);
    boolean serves = leased || run.phase == RolloutState.PROMOTED;
    if (serves) {
      in.candidates().forEach(name -> run.removed.put(name, cause));
      overtakeRouters();
      run.phase = RolloutState.FAILED;
      run.split = run.split.reweight(Map.of(Variant.CONTROL, Split.SLOTS));
      session.order(in, cause, null);
      expectConfirmation(in, "", 0, leased);
    }
    session.tell(
        in,
        EventKind.FAILED,
        "The controller failed on this rollout: "
            + failed.cause()
            + (serves ? ". All units go to control." : "."),
        details);
    confirm(in);
  }

  /** The split where these variants' slots are control's: no other unit moves. */
  private static Split without(Split split, List<String> out) {
    Map<String, Integer> weights = new TreeMap<>(split.weights());
    for (String name : out) {
      Integer freed = weights.remove(name);
      if (freed != null) {
        weights.merge(Variant.CONTROL, freed, Integer::sum);
      }
    }
    return split.reweight(weights);
  }

  /**
   * Makes sure that the next revision is newer than any that a router serves: a router obeys
   * nothing older. Only for what sends all units to control, so that it undoes no other
   * controller's rollback.
   */
  void overtakeRouters() {
    Status status = session.status();
    status.routers.values().forEach(r -> status.revision = Math.max(status.revision, r.revision));
  }

  /** True where a confirmation becomes overdue by time alone. */
  boolean awaitTheirTime(Current in) {
    return in.run().confirmations.stream().anyMatch(waiting -> !waiting.told);
  }

  /**
   * Waits from now on for every router that may still serve what was taken out.
   *
   * @param leased whether what routers serve until then was bound by a lease, if the file has one
   */
  void expectConfirmation(Current in, String candidate, long firstBadAt, boolean leased) {
    Status status = session.status();
    Status.Confirmation confirmation = new Status.Confirmation();
    confirmation.candidate = candidate;
    confirmation.revision = status.revision;
    confirmation.decidedAt = status.now;
    confirmation.firstBadAt = firstBadAt;
    long lease = in.file().lease().toMillis();
    confirmation.unleased = !leased || lease == 0;
    confirmation.deadline = status.now + (lease == 0 ? LONGEST_CONFIRMATION : lease);
    status.routers.forEach(
        (name, router) -> {
          // A router that was heard within a lease may still serve the candidate.
          if (router.heardAt >= status.now - (lease == 0 ? LONGEST_CONFIRMATION : lease)) {
            confirmation.routers.add(name);
          }
        });
    if (candidate.isEmpty()) {
      in.run().confirmations.clear(); // All out: what one of them waits for is part of it.
    }
    in.run().confirmations.add(confirmation);
  }

  /** Tells where all have acknowledged, or where the time for it is over. */
  void confirm(Current in) {
    List<Status.Confirmation> over = new ArrayList<>();
    for (Status.Confirmation waiting : in.run().confirmations) {
      if (confirm(in, waiting)) {
        over.add(waiting);
      }
    }
    in.run().confirmations.removeAll(over);
  }

  /** True where there is nothing more to wait for. */
  private boolean confirm(Current in, Status.Confirmation waiting) {
    Status status = session.status();
    Set<String> silent = new TreeSet<>();
    Set<String> behind = new TreeSet<>();
    int acknowledged = 0;
    for (String name : waiting.routers) {
      Status.Router router = status.routers.get(name);
      if (router != null
          && router.revision >= waiting.revision
          && router.revision <= status.revision) { // A newer one is another controller's.
        acknowledged++;
      } else if (router == null || status.now - router.heardAt > Session.LIVE) {
        silent.add(name);
      } else {
        behind.add(name);
      }
    }
    if (silent.isEmpty() && behind.isEmpty() && acknowledged > 0) {
      confirmed(in, waiting, acknowledged);
      return true;
    }
    if (status.now >= waiting.deadline && !waiting.told) {
      waiting.told = true;
      unconfirmed(in, waiting, silent, behind);
      return behind.isEmpty() && (silent.isEmpty() || !waiting.unleased);
    }
    return false;
  }

  private void confirmed(Current in, Status.Confirmation waiting, int acknowledged) {
    long now = session.now();
    Map<String, String> details = new TreeMap<>();
    details.put("routers", String.join(",", waiting.routers));
    details.put("millisFromDecision", Long.toString(now - waiting.decidedAt));
    String since = "";
    if (waiting.firstBadAt > 0) {
      long millis = now - waiting.firstBadAt;
      details.put("millisFromFirstBad", Long.toString(millis));
      details.put("firstBadAt", Long.toString(waiting.firstBadAt));
      since = ", " + millis + " ms after the first bad answer";
    }
    String candidates = candidates(in, waiting);
    details.put("candidates", candidates);
    int open = moved.out(in, List.of(candidates.split(",", -1)));
    details.put("conversationsOpen", Integer.toString(open));
    session.tell(
        in,
        EventKind.ROLLBACK_CONFIRMED,
        String.format(
            Locale.ROOT,
            "%s %s, %d ms after the decision%s.%s",
            acknowledged == 1 ? "The only router serves" : "All " + acknowledged + " routers serve",
            waiting.candidate.isEmpty() ? "control only" : "without " + waiting.candidate,
            now - waiting.decidedAt,
            since,
            open == 0
                ? ""
                : String.format(
                    Locale.ROOT,
                    " %,d open %s.",
                    open,
                    open == 1 ? "conversation moves" : "conversations move")),
        details);
  }

  private void unconfirmed(
      Current in, Status.Confirmation waiting, Set<String> silent, Set<String> behind) {
    Map<String, String> details = new TreeMap<>();
    details.put("silent", String.join(",", silent));
    details.put("behind", String.join(",", behind));
    details.put("candidates", candidates(in, waiting));
    if (waiting.firstBadAt > 0) {
      details.put("firstBadAt", Long.toString(waiting.firstBadAt));
    }
    session.tell(
        in,
        EventKind.ROLLBACK_UNCONFIRMED,
        waiting.routers.isEmpty()
            ? "No router was heard: the rollback is not confirmed."
            : "Not confirmed by "
                + String.join(", ", silent)
                + (silent.isEmpty() || behind.isEmpty() ? "" : ", ")
                + String.join(", ", behind)
                + (silent.isEmpty() ? "." : ofSilent(waiting)),
        details);
  }

  private static String candidates(Current in, Status.Confirmation waiting) {
    return waiting.candidate.isEmpty()
        ? in.file().candidates().stream().map(Variant::name).collect(Collectors.joining(","))
        : waiting.candidate;
  }

  private static String ofSilent(Status.Confirmation waiting) {
    return waiting.unleased
        ? "; no lease binds silent routers: until they are heard, they may continue as before."
        : "; the lease of silent routers is over, they are back on control by themselves.";
  }
}
