package io.serin.analytics.controller;

import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.PairedObservation;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.ActionKind;
import io.serin.schemas.RolloutState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the judge and controller of one rollout act on. Times are milliseconds since the epoch. */
public sealed interface Input {
  /** When the input was recorded. */
  long at();

  /** One of the first events of a unit. */
  record Observed(long at, Observation observation) implements Input {}

  /** The first rating of a unit. */
  record Rating(long at, FirstRating rated) implements Input {}

  /** A unit's first pair of a shadow stage. */
  record Paired(long at, PairedObservation pair) implements Input {}

  /**
   * A file was applied: a new run.
   *
   * @param frozenBy key of the freeze of all rollouts under which the run starts paused; null for
   *     none
   */
  record Applied(
      long at,
      String run,
      String file,
      String by,
      @Nullable String reason,
      @Nullable String frozenBy)
      implements Input {

    /** While no freeze of all rollouts stands. */
    public Applied(long at, String run, String file, String by, @Nullable String reason) {
      this(at, run, file, by, reason, null);
    }
  }

  /** A person or router asks. */
  record Action(
      long at,
      ActionKind kind,
      String who,
      @Nullable String reason,
      @Nullable Long expectedRevision,
      String key,
      @Nullable String variant)
      implements Input {}

  /**
   * A router's heartbeat.
   *
   * @param revision of this rollout that it serves; 0 where it serves none
   * @param tripped variants of this rollout that it tripped
   * @param refused why it cannot serve a variant of that revision, by variant; the empty name
   *     stands for what belongs to no variant
   * @param moved what became of open conversations of variants that it took out, in any run
   */
  record Heartbeat(
      long at,
      String router,
      String incarnation,
      long revision,
      Set<String> tripped,
      Map<String, String> refused,
      List<Moved> moved)
      implements Input {
    public Heartbeat {
      tripped = Set.copyOf(tripped);
      refused = Map.copyOf(refused);
      moved = List.copyOf(moved);
    }

    /** From a router that serves all that it was ordered to. */
    public Heartbeat(
        long at, String router, String incarnation, long revision, Set<String> tripped) {
      this(at, router, incarnation, revision, tripped, Map.of(), List.of());
    }
  }

  /** Open conversations of a variant that a router took out, by run and variant. */
  record Moved(String run, String variant, int open, int continued, int failed) {}

  /**
   * The newest command on the topic, read by a controller that has lost its state.
   *
   * @param causeId key of the action that it follows from; null where it follows from none
   */
  record FoundCommand(
      long at,
      long revision,
      String run,
      RolloutState phase,
      int stage,
      Split split,
      long issuedAt,
      @Nullable String causeId)
      implements Input {}

  /**
   * The last input could not be acted on.
   *
   * @param run that the input belongs to; empty where it names none
   */
  record Failed(long at, String run, String cause) implements Input {}

  /** The wall clock. */
  record Tick(long at) implements Input {}
}
