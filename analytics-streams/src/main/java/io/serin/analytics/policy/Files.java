package io.serin.analytics.policy;

import io.serin.analytics.policy.Session.Current;
import io.serin.analytics.rollout.RolloutFile;
import io.serin.analytics.rollout.RolloutFileException;
import io.serin.analytics.rollout.RolloutFileReader;
import java.util.Map;
import java.util.TreeMap;

/** Files that are applied, and where a controller without state goes on. */
final class Files {
  private final Session session;
  private final Stages stages;

  Files(Session session, Stages stages) {
    this.session = session;
    this.stages = stages;
  }

  void wanted(Input.Wanted wanted) {
    Status status = session.status();
    if (status.run != null && status.run.id.equals(wanted.run())) {
      return;
    }
    if (status.heedFrom > 0
        && wanted.at() <= status.heedFrom
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
      goOn(begun, lost);
      return;
    }
    Map<String, String> details = new TreeMap<>();
    details.put("by", wanted.by());
    if (wanted.reason() != null) {
      details.put("reason", wanted.reason());
    }
    session.tell(begun, Output.Told.Kind.APPLIED, "Applied by " + wanted.by() + ".", details);
    stages.enter(begun, 0, "applied by " + wanted.by());
  }

  private void goOn(Current in, Status.Lost lost) {
    Status.Run run = in.run();
    run.phase = lost.phase;
    run.stage = lost.stage;
    run.split = lost.split;
    run.stageSince = lost.issuedAt;
    run.renewedAt = lost.issuedAt;
    session.order(in, "goes on from the newest command", null);
  }

  void found(Input.Found found) {
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
  }
}
