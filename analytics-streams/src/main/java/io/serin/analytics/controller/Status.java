package io.serin.analytics.controller;

import io.serin.analytics.gates.AbState;
import io.serin.analytics.judge.Cells;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.Decision;
import io.serin.schemas.RolloutState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All that the controller of one rollout knows, but for the judge's {@link Cells}. Plain fields, so
 * that any mapper can keep it; only {@link Decider} writes it. ControllerClock are milliseconds
 * since the epoch.
 */
public final class Status {
  /** Highest revision ever ordered. */
  long revision;

  /** Inputs acted on. */
  long inputs;

  /** Newest time of any input, as {@link ControllerClock} lets it count. */
  long now;

  /** When the controller last looked at its own clock; 0 before it did. */
  long tickedAt;

  @Nullable Run run;

  /** The newest command of a run whose file is not known yet: the state was lost. */
  @Nullable Lost lost;

  /**
   * Actions and files from before this time were acted on before the state was lost; 0 where it
   * never was.
   */
  long heedFrom;

  /** Idempotency keys of actions, oldest first. */
  List<String> keys = new ArrayList<>();

  Map<String, Router> routers = new TreeMap<>();

  /** One run: an application of a file. */
  static final class Run {
    String id = "";
    String file = "";
    RolloutState phase = RolloutState.RUNNING;
    int stage;
    Split split = Split.all("control");

    /** When the stage began. */
    long stageSince;

    /**
     * Milliseconds that the stage was watched, pauses not counted: what its length is held against.
     */
    long watched;

    long nextReport;
    long renewedAt;
    String cause = "";
    @Nullable String causeId;
    String frozenBy = "";

    /** Whether it was applied under a freeze of all rollouts, and its first stage has not begun. */
    boolean waits;

    boolean held;

    /** Whether the controller failed on this run: its commands then name control alone. */
    boolean contained;

    /** Watched milliseconds of the stage up to which a person was asked to decide, or gave time. */
    long askedAt;

    /** Whether a person was asked to decide, and has not yet. */
    boolean asked;

    /** Candidates taken out of this run, with the cause. */
    Map<String, String> removed = new TreeMap<>();

    /** Evidence of each served candidate: when the newest arrived, and when it happened. */
    Map<String, Evidence> evidence = new TreeMap<>();

    /** How often control gave evidence. */
    ControlTraffic controlTraffic = new ControlTraffic();

    /** Requests that the run was announced to need, once it could be; 0 before. */
    long planned;

    /** Whether units were split otherwise than ordered at the last report. */
    boolean brokenSplit;

    Map<String, Decision> decisions = new TreeMap<>();

    /** Routers that tripped, by variant. */
    Map<String, Set<String>> trips = new TreeMap<>();

    /**
     * The revision of its first command: a router that serves an older one reports of an earlier
     * run.
     */
    long began;

    /** Trips that a command cleared, router/variant: the heartbeat may lag behind it. */
    Set<String> cleared = new TreeSet<>();

    /** Of an A/B test, by candidate. */
    Map<String, AbState> ab = new TreeMap<>();

    List<Confirmation> confirmations = new ArrayList<>();

    List<Moving> moving = new ArrayList<>();

    /** Routers told to lag, with the revision they lag behind. */
    Map<String, Long> lagging = new TreeMap<>();
  }

  /** How fresh one candidate's evidence is. */
  static final class Evidence {
    long arrivedAt;
    long happenedAt;

    /** Of a candidate: requests that control's, since its newest one, let expect. */
    double expected;

    /** Whether people were told that it is missing. */
    boolean told;

    /** Failures among its newest first requests, one bit each, the newest the lowest. */
    long failures;

    /** How many bits of {@code failures} count. */
    int outcomes;
  }

  /** A rollback that routers have yet to acknowledge. */
  static final class Confirmation {
    /** What was taken out; empty for all candidates. */
    String candidate = "";

    long revision;
    long decidedAt;
    long firstBadAt;
    long deadline;
    boolean told;

    /**
     * Whether silent routers continue to serve what was taken out: no lease ends what they serve.
     */
    boolean unleased;

    Set<String> routers = new TreeSet<>();
  }

  /** What was found on the topic of commands. */
  static final class Lost {
    String run = "";
    RolloutState phase = RolloutState.RUNNING;
    int stage;
    Split split = Split.all("control");
    long issuedAt;
  }

  /** A router, by its last heartbeat. */
  static final class Router {
    String incarnation = "";
    long heardAt;
    long revision;

    /** Why it cannot serve a variant of its revision, by variant. */
    Map<String, String> refused = new TreeMap<>();

    /** Open conversations of variants that it took out, by variant. */
    Map<String, Moves> moves = new TreeMap<>();
  }

  /** What became of open conversations of one variant on one router. */
  static final class Moves {
    String run = "";
    int open;
    int continued;
    int failed;
  }

  /** Conversations that people are told of once they went on, or some time is over. */
  static final class Moving {
    Set<String> candidates = new TreeSet<>();
    long until;
  }

  /** Highest revision ever ordered; 0 before the first. */
  public long revision() {
    return revision;
  }

  /** Inputs acted on so far. */
  public long inputs() {
    return inputs;
  }

  /** Identifies the current run; null if none. */
  public @Nullable String runId() {
    return run == null ? null : run.id;
  }

  /** Where the current run stands; null if none. */
  public @Nullable RolloutState phase() {
    return run == null ? null : run.phase;
  }

  /** The current split; null without a run. */
  public @Nullable Split split() {
    return run == null ? null : run.split;
  }

  /** When the newest command was written last; 0 without a run. */
  public long orderedAt() {
    return run == null ? 0 : run.renewedAt;
  }

  /** Candidates taken out of the current run. */
  public Set<String> removed() {
    return run == null ? Set.of() : Set.copyOf(run.removed.keySet());
  }

  /** Requests that the run was announced to need; 0 where it was not yet. */
  public long planned() {
    return run == null ? 0 : run.planned;
  }

  /** Index of the current stage; −1 without a run. */
  public int stage() {
    return run == null ? -1 : run.stage;
  }
}
