package io.serin.analytics.api;

import io.serin.schemas.Command;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * What the topics say of every rollout and router now: a table that records are added to.
 * Thread-safe.
 */
final class RolloutView {
  private static final int EVENTS = 200;

  /**
   * One rollout.
   *
   * @param verdicts the newest of each guard and candidate
   * @param events the latest, oldest first
   */
  record Shown(
      String rollout,
      @Nullable Command command,
      List<Verdict> verdicts,
      List<RolloutEvent> events,
      List<Seen> routers) {}

  /**
   * A router's last heartbeat.
   *
   * @param at when the broker appended it, milliseconds since the epoch
   */
  record Seen(RouterAck ack, long at) {}

  private static final class Rollout {
    @Nullable Command command;
    final Map<String, Verdict> verdicts = new TreeMap<>();
    final Deque<RolloutEvent> events = new ArrayDeque<>();
  }

  private final Map<String, Rollout> rollouts = new TreeMap<>();
  private final Map<String, Seen> routers = new TreeMap<>();

  /** Takes in a record of any topic; those it does not show it leaves. */
  synchronized void add(String key, @Nullable SpecificRecord value, long at) {
    switch (value) {
      case Command command -> {
        Rollout rollout = rollout(key);
        if (rollout.command == null || rollout.command.getRevision() <= command.getRevision()) {
          if (rollout.command != null && !rollout.command.getRun().equals(command.getRun())) {
            rollout.verdicts.clear();
          }
          rollout.command = command;
        }
      }
      case Verdict verdict -> {
        Rollout rollout = rollout(key);
        if (rollout.command == null || rollout.command.getRun().equals(verdict.getRun())) {
          rollout.verdicts.put(verdict.getMetric() + "/" + verdict.getCandidate(), verdict);
        }
      }
      case RolloutEvent event -> {
        Deque<RolloutEvent> events = rollout(key).events;
        events.addLast(event);
        if (events.size() > EVENTS) {
          events.removeFirst();
        }
      }
      case RouterAck ack -> routers.put(key, new Seen(ack, at));
      case null, default -> {
        // A tombstone, or nothing that is shown.
      }
    }
  }

  /** Every rollout that has a command. */
  synchronized List<Shown> all() {
    return rollouts.keySet().stream()
        .map(this::one)
        .filter(shown -> shown != null && shown.command() != null)
        .toList();
  }

  /** One rollout; null where nothing is known of it. */
  synchronized @Nullable Shown one(String name) {
    Rollout rollout = rollouts.get(name);
    if (rollout == null) {
      return null;
    }
    List<Seen> serving = new ArrayList<>();
    for (Seen router : routers.values()) {
      if (router.ack().getRevisions().containsKey(name)) {
        serving.add(router);
      }
    }
    return new Shown(
        name,
        rollout.command,
        List.copyOf(rollout.verdicts.values()),
        List.copyOf(rollout.events),
        serving);
  }

  /** The newest command of a rollout; null where there is none. */
  synchronized @Nullable Command command(String name) {
    Rollout rollout = rollouts.get(name);
    return rollout == null ? null : rollout.command;
  }

  private Rollout rollout(String name) {
    return rollouts.computeIfAbsent(name, n -> new Rollout());
  }
}
