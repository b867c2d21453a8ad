package io.serin.analytics.view;

import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantTarget;
import io.serin.schemas.Verdict;
import io.serin.schemas.WantedRollout;
import io.serin.schemas.topics.Topics;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * What the topics say of every rollout and router: a table that records are added to, and a past
 * that is bounded. Thread-safe.
 */
public final class RolloutView {
  /** Events and actions kept of each rollout. */
  static final int STEPS = 2_000;

  /** A router that is silent for so long is forgotten. */
  private static final long FORGOTTEN_MILLIS = 3_600_000;

  /**
   * One rollout.
   *
   * @param wanted the file that was applied last
   * @param file the same, read; null where another version of Serin accepted it
   * @param verdicts the newest of each guard and candidate
   * @param events oldest first
   * @param actions oldest first
   * @param past verdicts of the past, oldest first: each that changed a decision, and those that
   *     events were told beside
   * @param routers every router that is live, and those that ever served it
   */
  public record Shown(
      String rollout,
      @Nullable Command command,
      @Nullable WantedRollout wanted,
      @Nullable RolloutFile file,
      List<Verdict> verdicts,
      List<RolloutEvent> events,
      List<ActionRequest> actions,
      List<Verdict> past,
      List<Seen> routers) {}

  /**
   * A router's last heartbeat.
   *
   * @param at when the broker appended it, milliseconds since the epoch
   */
  public record Seen(RouterAck ack, long at) {
    private static final long LIVE_MILLIS = 5_000;

    /** Whether it says that it serves this revision of a rollout, or a newer one. */
    public boolean serves(String rollout, long wanted) {
      Long revision = ack.getRevisions().get(rollout);
      return revision != null && revision >= wanted;
    }

    /** Whether it was heard lately. */
    public boolean live(Instant now) {
      return now.toEpochMilli() - at <= LIVE_MILLIS;
    }
  }

  private static final class Rollout {
    @Nullable Command command;
    @Nullable WantedRollout wanted;
    @Nullable RolloutFile file;
    final Map<String, Verdict> verdicts = new TreeMap<>();
    final Deque<RolloutEvent> events = new ArrayDeque<>();
    final Deque<ActionRequest> actions = new ArrayDeque<>();
    final VerdictPast past = new VerdictPast();
  }

  private final Map<String, Rollout> rollouts = new TreeMap<>();
  private final Map<String, Seen> routers = new TreeMap<>();
  private long version;

  /** Takes in a record of any topic; those it does not show it leaves. */
  public synchronized void add(String key, @Nullable SpecificRecord value, long at) {
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
        rollout.past.add(verdict);
        if (rollout.command == null || rollout.command.getRun().equals(verdict.getRun())) {
          rollout.verdicts.put(guardOf(verdict), verdict);
        }
      }
      case RolloutEvent event -> {
        rollout(key).past.keepBefore(event.getAt());
        keep(rollout(key).events, event);
      }
      case ActionRequest action -> {
        // An action that was put here and is read again is kept once.
        String own = action.getIdempotencyKey();
        if (rollout(key).actions.stream().noneMatch(a -> a.getIdempotencyKey().equals(own))) {
          keep(rollout(key).actions, action);
        }
      }
      case WantedRollout wanted -> {
        Rollout rollout = rollout(key);
        rollout.wanted = wanted;
        rollout.file = read(wanted);
      }
      case RouterAck ack -> routers.put(key, new Seen(ack, at));
      case null, default -> {
        return; // A tombstone, or nothing that is shown.
      }
    }
    version++;
    notifyAll();
  }

  /**
   * The topic's command was deleted. Only a retired rollout may be; of any other the controller
   * writes its command again, and people must find it meanwhile.
   */
  public synchronized void deleted(String name) {
    Command command = command(name);
    if (command != null && command.getState() == RolloutState.RETIRED) {
      delete(name);
    }
  }

  /** Forgets a rollout that was deleted. */
  public synchronized void delete(String name) {
    rollouts.remove(name);
    version++;
    notifyAll();
  }

  private static <T> void keep(Deque<T> steps, T step) {
    steps.addLast(step);
    if (steps.size() > STEPS) {
      steps.removeFirst();
    }
  }

  /** Grows with everything that is added. */
  public synchronized long version() {
    return version;
  }

  /** Waits until something is added after a version, at most so long. */
  public synchronized void awaitAfter(long seen, long millis) throws InterruptedException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (version == seen) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }

  /** Waits until a rollout is as wanted, at most so long; tells whether it is. */
  public boolean await(String name, Predicate<Shown> wanted, long millis) {
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (true) {
      long seen = version();
      Shown shown = one(name);
      if (shown != null && wanted.test(shown)) {
        return true;
      }
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      try {
        awaitAfter(seen, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  /** The guard that a verdict is of, with its candidate: unique within a run. */
  public static String guardOf(Verdict verdict) {
    return verdict.getMetric() + "/" + verdict.getCandidate();
  }

  /** Slots of each variant of a command, by name; 0 where it has none. */
  public static Map<String, Integer> slots(Command command) {
    Map<String, Integer> slots = new TreeMap<>();
    for (VariantTarget variant : command.getVariants()) {
      slots.put(variant.getName(), 0);
    }
    for (Slice slice : command.getSplit()) {
      slots.merge(slice.getVariant(), slice.getTo() - slice.getFrom(), Integer::sum);
    }
    return slots;
  }

  /** Every rollout that has a command, by name. */
  public synchronized List<Shown> all() {
    return rollouts.keySet().stream()
        .map(this::one)
        .filter(shown -> shown != null && shown.command() != null)
        .toList();
  }

  /** The freeze of all rollouts that stands; null where none does. */
  public synchronized @Nullable ActionRequest freeze() {
    Rollout all = rollouts.get(Topics.ALL_ROLLOUTS);
    ActionRequest newest = all == null ? null : all.actions.peekLast();
    return newest != null && newest.getKind() == ActionKind.PAUSE ? newest : null;
  }

  /** One rollout; null where nothing is known of it. */
  public synchronized @Nullable Shown one(String name) {
    Rollout rollout = rollouts.get(name);
    if (rollout == null) {
      return null;
    }
    return new Shown(
        name,
        rollout.command,
        rollout.wanted,
        rollout.file,
        List.copyOf(rollout.verdicts.values()),
        List.copyOf(rollout.events),
        List.copyOf(rollout.actions),
        rollout.past.all(),
        routers());
  }

  /** Every router that was heard within an hour of the one that was heard last. */
  public synchronized List<Seen> routers() {
    long newest = routers.values().stream().mapToLong(Seen::at).max().orElse(0);
    List<Seen> seen = new ArrayList<>();
    for (Seen router : routers.values()) {
      if (newest - router.at() <= FORGOTTEN_MILLIS) {
        seen.add(router);
      }
    }
    return seen;
  }

  /** The newest command of a rollout; null where there is none. */
  public synchronized @Nullable Command command(String name) {
    Rollout rollout = rollouts.get(name);
    return rollout == null ? null : rollout.command;
  }

  private static @Nullable RolloutFile read(WantedRollout wanted) {
    try {
      return RolloutFileReader.read(wanted.getFile());
    } catch (RolloutFileException e) {
      return null; // It is shown without its stages.
    }
  }

  private Rollout rollout(String name) {
    return rollouts.computeIfAbsent(name, n -> new Rollout());
  }
}
