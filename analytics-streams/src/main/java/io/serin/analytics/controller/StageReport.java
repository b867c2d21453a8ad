package io.serin.analytics.controller;

import io.serin.analytics.controller.Session.Current;
import io.serin.analytics.gates.AbState;
import io.serin.analytics.gates.FirstOutcomes;
import io.serin.analytics.gates.Format;
import io.serin.analytics.gates.Progress;
import io.serin.schemas.Decision;
import io.serin.schemas.RolloutState;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * Says of each candidate where it stands in its stage: how much more is needed and how long that
 * takes at this rate, that the gate holds, or that a person is to decide.
 */
final class StageReport {
  private final Session session;
  private final EvidenceFreshness freshness;

  StageReport(Session session, EvidenceFreshness freshness) {
    this.session = session;
    this.freshness = freshness;
  }

  void say(Current in, String candidate, Progress progress) {
    Status.Run run = in.run();
    Status status = session.status();
    FirstOutcomes.Totals units = in.evidence().errors(candidate).totals();
    Map<String, Double> evidence = new TreeMap<>(progress.evidence());
    double more = progress.moreUnits();
    if (Double.isFinite(more)) {
      evidence.put("moreRequests", Math.ceil(more));
      evidence.put("moreMillis", millis(in, candidate, more));
    }
    Duration least = in.stage().length();
    if (least != null) {
      evidence.put("moreTimeMillis", (double) Math.max(0, least.toMillis() - run.watched));
    }
    if (run.planned > 0) {
      evidence.put("plannedRequests", (double) run.planned);
    }
    session.add(
        new Output.StageVerdict(
            run.id + "/" + status.inputs + "/" + Output.StageVerdict.METRIC + "/" + candidate,
            run.id,
            status.revision,
            run.stage,
            status.now,
            status.inputs,
            candidate,
            decision(in, candidate, progress),
            progress.logE(),
            progress.threshold(),
            units.candidateUnits(),
            units.controlUnits(),
            evidence,
            text(in, candidate, progress)));
  }

  private Decision decision(Current in, String candidate, Progress progress) {
    Status.Run run = in.run();
    if (run.phase != RolloutState.RUNNING || !freshness.stale(in, candidate).isEmpty()) {
      return Decision.HOLD;
    }
    AbState test = run.ab.get(candidate);
    if (test != null && !test.decided().isEmpty() && !test.better()) {
      return Decision.INCONCLUSIVE;
    }
    if (run.asked) {
      return Decision.INCONCLUSIVE;
    }
    return progress.holds() && progress.threshold() > 0 ? Decision.PROMOTE : Decision.CONTINUE;
  }

  private String text(Current in, String candidate, Progress progress) {
    Status.Run run = in.run();
    String missing = freshness.stale(in, candidate);
    if (run.phase == RolloutState.FROZEN) {
      return "frozen: " + run.frozenBy;
    }
    if (run.phase == RolloutState.PAUSED) {
      return "paused";
    }
    if (!missing.isEmpty()) {
      return missing;
    }
    Duration least = in.stage().length();
    long rest = least == null ? 0 : least.toMillis() - run.watched;
    return progress.text()
        + needs(in, candidate, progress)
        + (rest > 0 ? "; the stage lasts " + Format.duration(rest) + " more" : "")
        + (run.asked ? "; the deadline is over: a person decides" : "");
  }

  /** "; need about 12,400 more requests, 3 h 10 min at this rate". */
  String needs(Current in, String candidate, Progress progress) {
    double more = progress.moreUnits();
    if (progress.holds() || Double.isInfinite(more)) {
      return "";
    }
    double millis = millis(in, candidate, more);
    return "; need about "
        + Format.about(more)
        + " more requests of new units"
        + (Double.isFinite(millis)
            ? ", " + Format.duration(millis) + " at this rate"
            : "; none came in this stage yet");
  }

  /** How long so many units take at the rate of this stage. */
  private static double millis(Current in, String candidate, double units) {
    long seen = in.evidence().errors(candidate).inStage(in.run().stage).units();
    return units == 0
        ? 0
        : seen == 0 ? Double.POSITIVE_INFINITY : units * Math.max(1, in.run().watched) / seen;
  }
}
