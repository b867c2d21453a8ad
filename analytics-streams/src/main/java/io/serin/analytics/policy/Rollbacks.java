package io.serin.analytics.policy;

import io.serin.analytics.policy.Session.Current;
import io.serin.analytics.rollout.Split;
import io.serin.analytics.rollout.Variant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Takes candidates out, and says when every router has. A router that stays silent leaves a
 * rollback unconfirmed until its lease is over.
 */
final class Rollbacks {
  private static final long LONGEST_CONFIRMATION = 300_000;

  private final Session session;

  Rollbacks(Session session) {
    this.session = session;
  }

  void rollBack(
      Current in,
      String cause,
      @Nullable String causeId,
      String text,
      long firstBadAt,
      Map<String, String> numbers) {
    Status.Run run = in.run();
    run.phase = Phase.ROLLED_BACK;
    run.split = run.split.reweight(Map.of(Variant.CONTROL, Split.SLOTS));
    session.order(in, cause, causeId);
    expectConfirmation(in, firstBadAt);
    Map<String, String> details = new TreeMap<>(numbers);
    details.put("cause", cause);
    if (causeId != null) {
      details.put("causeId", causeId);
    }
    if (firstBadAt > 0) {
      details.put("firstBadAt", Long.toString(firstBadAt));
    }
    session.tell(
        in,
        Output.Told.Kind.ROLLED_BACK,
        "Rolled back: " + text + ". All units go to control.",
        details);
    confirm(in);
  }

  /** Waits from now on for every router that may still serve a candidate. */
  void expectConfirmation(Current in, long firstBadAt) {
    Status status = session.status();
    Status.Confirmation confirmation = new Status.Confirmation();
    confirmation.revision = status.revision;
    confirmation.decidedAt = status.now;
    confirmation.firstBadAt = firstBadAt;
    long lease = in.file().lease().toMillis();
    confirmation.deadline = status.now + (lease == 0 ? LONGEST_CONFIRMATION : lease);
    status.routers.forEach(
        (name, router) -> {
          // Whoever was heard within a lease may still serve the candidate.
          if (router.heardAt >= status.now - (lease == 0 ? LONGEST_CONFIRMATION : lease)) {
            confirmation.routers.add(name);
          }
        });
    in.run().confirmation = confirmation;
  }

  /** Tells where all have acknowledged, or where the time for it is over. */
  void confirm(Current in) {
    Status.Confirmation waiting = in.run().confirmation;
    if (waiting == null) {
      return;
    }
    Status status = session.status();
    Set<String> silent = new TreeSet<>();
    Set<String> behind = new TreeSet<>();
    int acknowledged = 0;
    for (String name : waiting.routers) {
      Status.Router router = status.routers.get(name);
      if (router != null && router.revision >= waiting.revision) {
        acknowledged++;
      } else if (router == null || status.now - router.heardAt > Session.LIVE) {
        silent.add(name);
      } else {
        behind.add(name);
      }
    }
    if (silent.isEmpty() && behind.isEmpty() && acknowledged > 0) {
      confirmed(in, waiting, acknowledged);
      in.run().confirmation = null;
    } else if (status.now >= waiting.deadline && !waiting.told) {
      waiting.told = true;
      unconfirmed(in, waiting, silent, behind);
      if (behind.isEmpty()) {
        in.run().confirmation = null;
      }
    }
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
      since = ", " + millis + " ms after the first bad event";
    }
    session.tell(
        in,
        Output.Told.Kind.ROLLBACK_CONFIRMED,
        String.format(
            Locale.ROOT,
            "All %d routers serve control only, %d ms after the decision%s.",
            acknowledged,
            now - waiting.decidedAt,
            since),
        details);
  }

  private void unconfirmed(
      Current in, Status.Confirmation waiting, Set<String> silent, Set<String> behind) {
    Map<String, String> details = new TreeMap<>();
    details.put("silent", String.join(",", silent));
    details.put("behind", String.join(",", behind));
    session.tell(
        in,
        Output.Told.Kind.ROLLBACK_UNCONFIRMED,
        waiting.routers.isEmpty()
            ? "No router was heard: nobody confirms the rollback."
            : "Not confirmed by "
                + String.join(", ", silent)
                + (silent.isEmpty() || behind.isEmpty() ? "" : ", ")
                + String.join(", ", behind)
                + "; the lease of silent routers is over, they are back on control by themselves.",
        details);
  }
}
