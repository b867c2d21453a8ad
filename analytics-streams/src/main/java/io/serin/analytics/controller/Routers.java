package io.serin.analytics.controller;

import io.serin.analytics.controller.Session.Current;
import io.serin.schemas.EventKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What routers tell: that they live, what they serve, and what they took out by themselves. */
final class Routers {
  private final Session session;
  private final GuardActions guardActions;
  private final Rollbacks rollbacks;
  private final MovedConversations moved;

  Routers(
      Session session, GuardActions guardActions, Rollbacks rollbacks, MovedConversations moved) {
    this.session = session;
    this.moved = moved;
    this.guardActions = guardActions;
    this.rollbacks = rollbacks;
  }

  void heard(Input.Heartbeat heard) {
    Status.Router router =
        session.status().routers.computeIfAbsent(heard.router(), r -> new Status.Router());
    router.incarnation = heard.incarnation();
    router.heardAt = Math.max(router.heardAt, Math.min(heard.at(), session.now()));
    router.revision = heard.revision();
    Map<String, String> refusedBefore = router.refused;
    router.refused = new TreeMap<>(heard.refused());
    moved.heard(router, heard);
    Current current = session.current();
    if (current == null) {
      return;
    }
    Status.Run run = current.run();
    heard
        .refused()
        .forEach(
            (variant, why) -> {
              if (!why.equals(refusedBefore.get(variant))) {
                tellRefused(current, heard.router(), variant, why);
              }
            });
    tellAhead(current, heard.router(), router);
    for (String variant : new TreeSet<>(heard.tripped())) {
      if (current.active()
          && heard.revision() >= run.began
          && current.candidates().contains(variant)
          && !run.cleared.contains(heard.router() + "/" + variant)) {
        tripped(current, heard.router(), variant, null);
      }
    }
    run.cleared.removeIf(
        trip ->
            trip.startsWith(heard.router() + "/")
                && !heard.tripped().contains(trip.substring(heard.router().length() + 1)));
    rollbacks.confirm(current);
    moved.tell(current);
  }

  private void tellRefused(Current in, String router, String variant, String why) {
    session.tell(
        in,
        EventKind.ROUTER_LAGGING,
        cannotServe(router, variant, why)
            + (variant.isEmpty() ? "." : ". Control serves its units."),
        Map.of("router", router, "variant", variant, "reason", why));
  }

  private static String cannotServe(String router, String variant, String why) {
    return router + " cannot serve " + (variant.isEmpty() ? "the command" : variant) + ": " + why;
  }

  /** What live routers cannot serve of what the run serves, as a clause; empty if they can. */
  static String refused(Status status, List<String> served) {
    List<String> clauses = new ArrayList<>();
    status.routers.forEach(
        (name, router) -> {
          if (status.now - router.heardAt <= Session.LIVE) {
            router.refused.forEach(
                (variant, why) -> {
                  if (variant.isEmpty() || served.contains(variant)) {
                    clauses.add(cannotServe(name, variant, why));
                  }
                });
          }
        });
    return String.join("; ", clauses);
  }

  /**
   * One router's trip freezes the ramp; trips on half of the live routers take it out. A router
   * that is not live counts on neither side: where none is, there is no half. Asked again at each
   * heartbeat of a router that tripped.
   */
  void tripped(Current in, String router, String variant, @Nullable String reason) {
    Status.Run run = in.run();
    Set<String> trips = run.trips.computeIfAbsent(variant, v -> new TreeSet<>());
    boolean first = trips.add(router);
    List<String> alive =
        session.status().routers.entrySet().stream()
            .filter(entry -> live(entry.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    long live = alive.size();
    long tripped = alive.stream().filter(trips::contains).count();
    Map<String, String> details = new TreeMap<>();
    details.put("router", router);
    details.put("variant", variant);
    details.put("tripped", Long.toString(tripped));
    details.put("live", Long.toString(live));
    if (first) {
      run.cleared.remove(router + "/" + variant);
      String text =
          router
              + " took "
              + variant
              + " out by itself: "
              + (reason == null
                  ? "nearly all of its newest attempts there failed, control's did not"
                  : reason);
      session.tell(in, EventKind.ROUTER_TRIPPED, text + ".", details);
    }
    if (live > 0 && 2 * tripped >= live) {
      rollbacks.rollBack(
          in,
          variant,
          "breaker rolled back",
          null,
          variant + " is tripped on " + tripped + " of " + live + " live routers",
          0,
          details);
      if (in.active()) {
        guardActions.evaluate(in, false);
      }
    } else {
      guardActions.freezeOrResume(in, variant + " is tripped on " + router);
    }
  }

  private boolean live(Status.Router router) {
    return session.now() - router.heardAt <= Session.LIVE;
  }

  /** Names a router that serves a revision which this controller never ordered, once each. */
  private void tellAhead(Current in, String name, Status.Router router) {
    long revision = session.status().revision;
    Map<String, Long> lagging = in.run().lagging;
    if (router.revision <= revision || lagging.getOrDefault(name, 0L) >= router.revision) {
      return;
    }
    lagging.put(name, router.revision);
    session.tell(
        in,
        EventKind.CONFLICT,
        String.format(
            Locale.ROOT,
            "%s serves revision %d; this controller's newest is %d, which the router does not obey."
                + " rollback and abort overtake it.",
            name,
            router.revision,
            revision),
        Map.of("router", name, "revision", Long.toString(router.revision)));
  }

  boolean anyLags(Current in, long now) {
    return session.status().routers.entrySet().stream()
        .anyMatch(entry -> lags(in.run(), entry.getKey(), entry.getValue(), now));
  }

  private boolean lags(Status.Run run, String name, Status.Router router, long now) {
    long revision = session.status().revision;
    return now - router.heardAt <= Session.LIVE
        && router.revision < revision
        && now - run.renewedAt > Session.LIVE
        && run.lagging.getOrDefault(name, 0L) < revision;
  }

  /** Names each router that lives and serves an old revision, once a revision. */
  void tellLagging(Current in) {
    Status status = session.status();
    status.routers.forEach(
        (name, router) -> {
          if (lags(in.run(), name, router, status.now)) {
            in.run().lagging.put(name, status.revision);
            session.tell(
                in,
                EventKind.ROUTER_LAGGING,
                name + " serves revision " + router.revision + ", not " + status.revision + ".",
                Map.of("router", name, "revision", Long.toString(router.revision)));
          }
        });
  }
}
