package io.serin.analytics.policy;

import io.serin.analytics.policy.Session.Current;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What routers tell: that they live, what they serve, and what they took out by themselves. */
final class Routers {
  private final Session session;
  private final Ladder ladder;
  private final Rollbacks rollbacks;

  Routers(Session session, Ladder ladder, Rollbacks rollbacks) {
    this.session = session;
    this.ladder = ladder;
    this.rollbacks = rollbacks;
  }

  void heard(Input.Heard heard) {
    Status.Router router =
        session.status().routers.computeIfAbsent(heard.router(), r -> new Status.Router());
    router.incarnation = heard.incarnation();
    router.heardAt = Math.max(router.heardAt, Math.min(heard.at(), session.now()));
    router.revision = heard.revision();
    Current current = session.current();
    if (current == null) {
      return;
    }
    Status.Run run = current.run();
    for (String variant : new TreeSet<>(heard.tripped())) {
      if (current.active()
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
  }

  /** One router's trip freezes the ramp; trips on half of the live routers take it out. */
  void tripped(Current in, String router, String variant, @Nullable String reason) {
    Status.Run run = in.run();
    if (!run.trips.computeIfAbsent(variant, v -> new TreeSet<>()).add(router)) {
      return;
    }
    run.cleared.remove(router + "/" + variant);
    long live = session.status().routers.values().stream().filter(this::live).count();
    int tripped = run.trips.getOrDefault(variant, Set.of()).size();
    Map<String, String> details = new TreeMap<>();
    details.put("router", router);
    details.put("variant", variant);
    details.put("tripped", Integer.toString(tripped));
    details.put("live", Long.toString(live));
    String text =
        router + " took " + variant + " out by itself" + (reason == null ? "" : ": " + reason);
    session.tell(in, Output.Told.Kind.ROUTER_TRIPPED, text + ".", details);
    if (2L * tripped >= Math.max(1, live)) {
      rollbacks.rollBack(
          in,
          variant,
          "breaker rolled back",
          null,
          variant + " is tripped on " + tripped + " of " + live + " live routers",
          0,
          details);
      if (in.active()) {
        ladder.evaluate(in, false);
      }
    } else {
      ladder.freezeOrResume(in, variant + " is tripped on " + router);
    }
  }

  private boolean live(Status.Router router) {
    return session.now() - router.heardAt <= Session.LIVE;
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
                Output.Told.Kind.ROUTER_LAGGING,
                name + " serves revision " + router.revision + ", not " + status.revision + ".",
                Map.of("router", name, "revision", Long.toString(router.revision)));
          }
        });
  }
}
