package io.serin.analytics.controller;

import io.serin.analytics.controller.Session.Current;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.rollout.Variant;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RolloutStates;
import java.util.Map;
import java.util.TreeMap;

/** Files that are applied, and where a controller without state continues. */
final class FileChanges {
  private final Session session;
  private final Stages stages;

  FileChanges(Session session, Stages stages) {
    this.session = session;
    this.stages = stages;
  }

  void wanted(Input.Applied wanted) {
    Status status = session.status();
    if (status.run != null && status.run.id.equals(wanted.run())) {
      return;
    }
    if (status.heedFrom > 0
        && wanted.at() < status.heedFrom
        && (status.lost == null || !status.lost.run.equals(wanted.run()))) {
      return; // A file from before the newest command: another has replaced it.
    }
    RolloutFile file;
    try {
      file = RolloutFileReader.read(wanted.file());
    } catch (RolloutFileException e) {
      session.refuse(wanted.run(), "the file cannot be applied: " + e.getMessage(), wanted.by());
      return;
    }
    if (!file.rollout().equals(session.rollout())) {
      session.refuse(
          wanted.run(),
          "the file is of rollout " + file.rollout() + ", not " + session.rollout(),
          wanted.by());
      return;
    }
    Status.Run run = new Status.Run();
    run.id = wanted.run();
    run.file = wanted.file();
    run.nextReport = status.now + Session.REPORT;
    Current begun = session.begin(run, file);
    Status.Lost lost = status.lost;
    status.lost = null;
    if (lost != null && lost.run.equals(run.id) && lost.stage < file.stages().size()) {
      run.waits =
          wanted.frozenBy() != null && lost.phase == RolloutState.PAUSED && servesControl(lost);
      goOn(begun, lost);
      return;
    }
    Map<String, String> details = new TreeMap<>();
    details.put("by", wanted.by());
    if (wanted.reason() != null) {
      details.put("reason", wanted.reason());
    }
    session.tell(begun, EventKind.APPLIED, "Applied by " + wanted.by() + ".", details);
    String frozenBy = wanted.frozenBy();
    if (frozenBy == null) {
      stages.enter(begun, 0, "applied by " + wanted.by());
    } else {
      waitForResume(begun, wanted.by(), frozenBy);
    }
    run.began = status.revision;
  }

  /** All rollouts are frozen: the first stage begins when the run is resumed. */
  private void waitForResume(Current in, String by, String frozenBy) {
    Status.Run run = in.run();
    run.phase = RolloutState.PAUSED;
    run.waits = true;
    run.stageSince = session.now();
    session.order(in, "applied by " + by + " while all rollouts are frozen", frozenBy);
    session.tell(
        in,
        EventKind.PAUSED,
        "Starts frozen, with all units on control: all rollouts are frozen. Unfreeze them, or"
            + " resume this one.",
        Map.of("by", by));
  }

  private static boolean servesControl(Status.Lost lost) {
    return lost.stage == 0 && lost.split.weight(Variant.CONTROL) == Split.SLOTS;
  }

  /** The stage begins again: what was watched of it is lost. */
  private void goOn(Current in, Status.Lost lost) {
    Status.Run run = in.run();
    run.phase = lost.phase;
    run.stage = lost.stage;
    run.split = lost.split;
    run.stageSince = session.now();
    run.renewedAt = lost.issuedAt;
    run.contained = run.phase == RolloutState.FAILED;
    if (RolloutStates.active(run.phase) && !run.waits) {
      // Who had a weight in this stage and has no slot was taken out.
      in.stage().weights().keySet().stream()
          .filter(name -> lost.split.weight(name) == 0)
          .forEach(name -> run.removed.put(name, "taken out before the state was lost"));
    }
    session.order(in, "continues from the newest command", null);
  }

  /** A command on the topic that is not this controller's newest. */
  void found(Input.FoundCommand found) {
    Current in = session.current();
    if (in != null) {
      another(in, found);
      return;
    }
    Status status = session.status();
    if (found.revision() <= status.revision) {
      return;
    }
    status.revision = found.revision();
    Status.Lost lost = new Status.Lost();
    lost.run = found.run();
    lost.phase = found.phase();
    lost.stage = found.stage();
    lost.split = found.split();
    lost.issuedAt = found.issuedAt();
    status.lost = lost;
    status.heedFrom = found.issuedAt();
    if (found.causeId() != null) {
      status.keys.add(found.causeId()); // Acted on: it may have been recorded in that millisecond.
    }
  }

  /**
   * A second controller, or one that was thought dead, has written. An older command is written
   * over, so that the topic's last record is the one to serve. After a newer one whatever serves
   * less of the candidate holds: its rollback becomes this controller's, its ramp does not.
   */
  private void another(Current in, Input.FoundCommand found) {
    Status status = session.status();
    Status.Run run = in.run();
    if (found.revision() < status.revision) {
      session.renew(in);
      return;
    }
    boolean same = found.run().equals(run.id);
    if (found.revision() == status.revision && same) {
      return;
    }
    status.revision = found.revision();
    boolean out =
        found.phase() == RolloutState.ROLLED_BACK
            || found.phase() == RolloutState.ABORTED
            || found.phase() == RolloutState.FAILED;
    if (RolloutStates.stands(run.phase)) {
      if (!same || out) {
        in.candidates().forEach(name -> run.removed.put(name, "another controller"));
        run.phase = RolloutState.ROLLED_BACK;
        run.split = run.split.reweight(Map.of(Variant.CONTROL, Split.SLOTS));
      }
    }
    session.order(in, "another controller ordered revision " + found.revision(), null);
    session.tell(
        in,
        EventKind.CONFLICT,
        "Another controller ordered revision "
            + found.revision()
            + (same ? "" : " of run " + found.run())
            + ": "
            + (run.phase == RolloutState.ROLLED_BACK
                ? "all units go to control."
                : "this one continues."),
        Map.of("revision", Long.toString(found.revision()), "run", found.run()));
  }
}
