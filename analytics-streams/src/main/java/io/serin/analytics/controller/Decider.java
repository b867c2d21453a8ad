package io.serin.analytics.controller;

import io.serin.analytics.controller.Session.Current;
import io.serin.analytics.judge.Cells;
import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.PairedObservation;
import java.util.List;
import java.util.Map;

/**
 * Judge and controller of one rollout: {@code (state, input) → (state, outputs)}. The state is a
 * {@link Status} and {@link Cells}; a decider made of the same state and given the same inputs
 * gives the same outputs and state, bit for bit. It reads no clock and no randomness. Not
 * thread-safe.
 *
 * <p>Directions of failure: missing evidence never advances a stage, a broken split or a trip
 * freezes, a rolled back run stays so until a person or a new file says otherwise, and a revision
 * never falls.
 */
public final class Decider {
  private final Session session;
  private final MovedConversations moved;
  private final Rollbacks rollbacks;
  private final EvidenceFreshness freshness;
  private final GuardActions guardActions;
  private final Stages stages;
  private final Routers routers;
  private final OperatorActions operatorActions;
  private final FileChanges fileChanges;

  public Decider(String rollout) {
    this(rollout, new Status(), new Cells());
  }

  /** A decider that continues from a state; it owns both from now on. */
  public Decider(String rollout, Status status, Cells cells) {
    session = new Session(rollout, status, cells);
    moved = new MovedConversations(session);
    rollbacks = new Rollbacks(session, moved);
    guardActions = new GuardActions(session, rollbacks);
    freshness = new EvidenceFreshness(session, rollbacks);
    stages = new Stages(session, freshness);
    routers = new Routers(session, guardActions, rollbacks, moved);
    operatorActions = new OperatorActions(session, stages, rollbacks, guardActions, routers);
    fileChanges = new FileChanges(session, stages);
  }

  public Status status() {
    return session.status();
  }

  /** What a keeper has to write after a step. */
  public Cells cells() {
    return session.cells();
  }

  /** True once after a step that began a new run: cells kept from before it are to be deleted. */
  public boolean drainForgotten() {
    return session.drainForgotten();
  }

  /** True where a {@link Input.Tick} of this time would do something. */
  public boolean due(long now) {
    Current current = session.current();
    if (current == null) {
      return false;
    }
    if (rollbacks.awaitTheirTime(current) || moved.due(current, now)) {
      return true;
    }
    return current.active()
        && (now >= current.run().nextReport
            || ControllerClock.setBack(session.status(), now)
            || Stages.over(current, session.status(), now)
            || Session.renewalIsDue(current, now)
            || routers.anyLags(current, now));
  }

  /** Acts on one input. */
  public List<Output> step(Input input) {
    session.clear();
    Status status = session.status();
    status.inputs++;
    ControllerClock.pass(status, input);
    switch (input) {
      case Input.Observed observed -> observed(observed.observation());
      case Input.Rating rating -> rated(rating.rated());
      case Input.Paired paired -> paired(paired.pair());
      case Input.Applied wanted -> fileChanges.wanted(wanted);
      case Input.Action asked -> operatorActions.asked(asked);
      case Input.Heartbeat heard -> routers.heard(heard);
      case Input.FoundCommand found -> fileChanges.found(found);
      case Input.Failed failed -> rollbacks.fail(failed);
      case Input.Tick ticked -> ticked();
    }
    return session.outputs();
  }

  private void observed(Observation observation) {
    Current current = session.current();
    if (current == null || !current.run().id.equals(observation.run()) || !current.active()) {
      return;
    }
    current.judge().observe(observation);
    freshness.observe(current, observation);
    if (!observation.running()) {
      current.evidence().observe(observation);
    }
    guardActions.evaluate(current, false);
  }

  private void rated(FirstRating rated) {
    Current current = session.current();
    if (current == null || !current.run().id.equals(rated.run()) || !current.active()) {
      return;
    }
    current.judge().rate(rated);
    guardActions.evaluate(current, false);
  }

  private void paired(PairedObservation pair) {
    Current current = session.current();
    if (current == null
        || !current.run().id.equals(pair.run())
        || current.run().stage != pair.stage()
        || !current.active()
        || !current.candidates().contains(pair.candidate())) {
      return;
    }
    current.pairs().observe(pair);
    String alarm =
        current.stage().shadow() ? current.pairs().alarm(pair.candidate(), pair.stage()) : null;
    if (alarm != null) {
      rollbacks.rollBack(
          current,
          pair.candidate(),
          "shadow pairs rolled back",
          null,
          alarm,
          0,
          Map.of("candidate", pair.candidate()));
    }
  }

  private void ticked() {
    Current current = session.current();
    if (current == null) {
      return;
    }
    long now = session.now();
    boolean report = now >= current.run().nextReport;
    boolean over = Stages.over(current, session.status(), now);
    if (current.active()) {
      guardActions.evaluate(current, report);
    }
    if (report && current.active()) {
      freshness.check(current);
    }
    if (current.active() && (report || over)) {
      stages.check(current, report);
    }
    if (report) {
      current.run().nextReport = now + Session.REPORT;
    }
    if (current.active() && Session.renewalIsDue(current, now)) {
      session.renew(current);
    }
    routers.tellLagging(current);
    rollbacks.confirm(current);
    moved.tell(current);
  }
}
