package io.serin.analytics.controller;

import io.serin.analytics.gates.AbState;
import io.serin.analytics.gates.PromotionEvidence;
import io.serin.analytics.gates.ShadowPairs;
import io.serin.analytics.gates.StageContext;
import io.serin.analytics.judge.Cells;
import io.serin.analytics.judge.Judge;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.rollout.Shadow;
import io.serin.rollout.Stage;
import io.serin.rollout.Variant;
import io.serin.schemas.Decision;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RolloutStates;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of one rollout's controller share: its state, the run under way, and what the step
 * gives. Commands and events leave through here only. Not thread-safe.
 */
final class Session {
  /** A router is live for so long after a heartbeat. */
  static final long LIVE = 5_000;

  /** How often guards say what they see. */
  static final long REPORT = 10_000;

  private final String rollout;
  private final Status status;
  private Cells cells;
  private @Nullable Current current;
  private boolean forgetsCells;
  private List<Output> outputs = new ArrayList<>();

  /** The key of the action that this step acts on: all that it gives carries it. */
  private @Nullable String asking;

  /** The run under way with all that belongs to it. */
  record Current(
      Status.Run run, RolloutFile file, Judge judge, PromotionEvidence evidence, ShadowPairs pairs)
      implements StageContext {
    @Override
    public int stageIndex() {
      return run.stage;
    }

    @Override
    public Map<String, Decision> decisions() {
      return run.decisions;
    }

    @Override
    public AbState ab(String candidate) {
      return run.ab.computeIfAbsent(candidate, added -> new AbState());
    }

    @Override
    public Stage stage() {
      return file.stages().get(run.stage);
    }

    boolean active() {
      return RolloutStates.active(run.phase);
    }

    /** Candidates that were not taken out, in the order of the file. */
    List<String> candidates() {
      return file.candidates().stream()
          .map(Variant::name)
          .filter(name -> !run.removed.containsKey(name))
          .toList();
    }

    /** Candidates that the split serves. */
    List<String> served() {
      return candidates().stream().filter(name -> run.split.weight(name) > 0).toList();
    }

    /** The candidate's share of its units and control's. */
    @Override
    public double share(String candidate) {
      double own = run.split.weight(candidate);
      double control = run.split.weight(Variant.CONTROL);
      return own + control == 0 ? 0 : own / (own + control);
    }
  }

  Session(String rollout, Status status, Cells cells) {
    this.rollout = rollout;
    this.status = status;
    this.cells = cells;
    Status.Run run = status.run;
    if (run != null) {
      try {
        current = current(run, RolloutFileReader.read(run.file));
      } catch (RolloutFileException e) {
        throw new IllegalStateException("the file of run " + run.id + " was accepted once", e);
      }
    }
  }

  String rollout() {
    return rollout;
  }

  Status status() {
    return status;
  }

  Cells cells() {
    return cells;
  }

  long now() {
    return status.now;
  }

  /** Null before the first file. */
  @Nullable Current current() {
    return current;
  }

  /** Starts a run without any evidence. */
  Current begin(Status.Run run, RolloutFile file) {
    cells = new Cells();
    forgetsCells = true;
    status.run = run;
    Current begun = current(run, file);
    current = begun;
    return begun;
  }

  private Current current(Status.Run run, RolloutFile file) {
    Judge judge = new Judge(file, cells);
    return new Current(
        run, file, judge, new PromotionEvidence(file, judge, cells), new ShadowPairs(file, cells));
  }

  boolean drainForgotten() {
    boolean result = forgetsCells;
    forgetsCells = false;
    return result;
  }

  void clear() {
    outputs = new ArrayList<>();
    asking = null;
  }

  /** This step acts on an action with this key. */
  void asking(String key) {
    asking = key;
  }

  List<Output> outputs() {
    return outputs;
  }

  void add(Output output) {
    outputs.add(output);
  }

  /** Orders the run's split and phase with the next revision. */
  void order(Current in, String cause, @Nullable String causeId) {
    order(in, status.revision + 1, cause, causeId, List.of());
  }

  void order(
      Current in, long revision, String cause, @Nullable String causeId, List<String> clears) {
    Status.Run run = in.run();
    status.revision = revision;
    run.renewedAt = status.now;
    run.cause = cause;
    run.causeId = causeId == null ? asking : causeId;
    if (run.contained) {
      contain(run.id, run.phase, run.stage, in.file(), cause);
      return;
    }
    Stage stage = in.stage();
    boolean tried = in.active() && !run.waits;
    Shadow shadow = tried ? in.file().shadow() : null;
    if (shadow == null && tried && stage.shadow()) {
      shadow = Shadow.DEFAULT;
    }
    outputs.add(
        new Output.Command(
            revision,
            run.id,
            run.phase,
            run.stage,
            stage.name(),
            in.file(),
            run.split,
            shadow,
            cause,
            causeId == null ? asking : causeId,
            status.now,
            clears));
  }

  /** A command of control alone, with the present revision. */
  private void contain(
      String run, RolloutState phase, int stage, @Nullable RolloutFile file, String cause) {
    outputs.add(
        new Output.ControlOnly(
            status.revision, run, phase, stage, file, cause, asking, status.now));
  }

  /**
   * Orders control alone where a command was found but no file can be read.
   *
   * @param kind of the event that says so
   */
  void orderLost(Status.Lost lost, RolloutState phase, EventKind kind, String cause) {
    lost.phase = phase;
    status.revision++;
    contain(lost.run, phase, lost.stage, null, cause);
    tell(kind, lost.run, lost.stage, "", cause + ". All units go to control.", Map.of());
  }

  /** The same command again: its lease is counted from now. */
  void renew(Current in) {
    order(in, status.revision, in.run().cause, in.run().causeId, List.of());
  }

  static boolean renewalIsDue(Current in, long now) {
    long lease = in.file().lease().toMillis();
    return lease > 0 && now - in.run().renewedAt >= lease / 4;
  }

  void tell(Current in, EventKind kind, String text, Map<String, String> details) {
    tell(kind, in.run().id, in.run().stage, in.stage().name(), text, details);
  }

  void tell(
      EventKind kind,
      String runId,
      int stage,
      String stageName,
      String text,
      Map<String, String> details) {
    outputs.add(
        new Output.Event(
            kind, runId, status.revision, stage, stageName, status.now, text, withKey(details)));
  }

  void refuse(String runId, String why, String who) {
    tell(
        EventKind.ACTION_REFUSED,
        runId,
        status.run == null ? -1 : status.run.stage,
        "",
        "Refused: " + why + ".",
        Map.of("who", who, "reason", why));
  }

  private Map<String, String> withKey(Map<String, String> details) {
    Map<String, String> all = new TreeMap<>(details);
    if (asking != null) {
      all.putIfAbsent("idempotencyKey", asking);
    }
    return all;
  }
}
