package io.serin.analytics.controller;

import io.serin.analytics.controller.Session.Current;
import io.serin.analytics.judge.CandidateGuard;
import io.serin.analytics.judge.Finding;
import io.serin.rollout.Variant;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.Decision;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What follows from what guards find: rolled back, frozen, told, or on. */
final class GuardActions {
  private static final double BROKEN_SPLIT = StrictMath.log(1_000);

  private final Session session;
  private final Rollbacks rollbacks;

  GuardActions(Session session, Rollbacks rollbacks) {
    this.session = session;
    this.rollbacks = rollbacks;
  }

  /**
   * Asks the guards.
   *
   * @param report every guard says what it sees; otherwise only where something changes
   */
  void evaluate(Current in, boolean report) {
    Status.Run run = in.run();
    if (run.split.weight(Variant.CONTROL) == Split.SLOTS) {
      freezeOrResume(in, trips(run)); // No guard has anything to compare.
      return;
    }
    Finding rollback = null;
    String rollbackId = null;
    List<String> freezes = new ArrayList<>();
    for (CandidateGuard watch : in.judge().guards()) {
      if (run.removed.containsKey(candidate(watch))) {
        continue;
      }
      Decision before = run.decisions.getOrDefault(watch.name(), Decision.CONTINUE);
      boolean idle = before == Decision.CONTINUE || before == Decision.NOT_APPLICABLE;
      if (!report && idle && watch.quiet()) {
        continue;
      }
      Finding finding = watch.finding();
      Decision decision = finding.decision(before);
      String id = run.id + "/" + session.status().inputs + "/" + watch.name();
      if (report || decision != before) {
        judged(in, id, decision, finding);
      }
      if (decision != before) {
        run.decisions.put(watch.name(), decision);
        announce(in, finding, decision, id);
      }
      if (decision == Decision.ROLLBACK && rollback == null) {
        rollback = finding;
        rollbackId = id;
      }
      if (decision == Decision.FREEZE) {
        freezes.add(watch.name() + " is at its signal level");
      }
    }
    if (rollback != null) {
      rollbacks.rollBack(
          in,
          rollback.candidate(),
          rollback.guard().metric().text() + " rolled back",
          rollbackId,
          rollback.text(),
          rollback.firstBadAt(),
          numbers(rollback));
      if (in.active()) {
        evaluate(in, false); // The others continue, each by its own guards.
      }
      return;
    }
    if (report) {
      run.brokenSplit = in.judge().sampleRatioLogE() >= BROKEN_SPLIT;
    }
    if (run.brokenSplit) {
      freezes.add("units are not split as ordered, so no verdict can be trusted");
    }
    String trips = trips(run);
    if (!trips.isEmpty()) {
      freezes.add(trips);
    }
    freezeOrResume(in, String.join("; ", freezes));
  }

  /** Candidates that are tripped on a router, as a clause; those taken out are not among them. */
  private static String trips(Status.Run run) {
    return run.trips.entrySet().stream()
        .filter(trip -> !run.removed.containsKey(trip.getKey()))
        .map(trip -> trip.getKey() + " is tripped on " + String.join(", ", trip.getValue()))
        .collect(Collectors.joining("; "));
  }

  /** Watches are named metric/candidate. */
  private static String candidate(CandidateGuard watch) {
    return watch.name().substring(watch.name().lastIndexOf('/') + 1);
  }

  private void judged(Current in, String id, Decision decision, Finding finding) {
    session.add(
        new Output.GuardVerdict(
            id,
            in.run().id,
            session.status().revision,
            in.run().stage,
            session.now(),
            session.status().inputs,
            decision,
            finding));
  }

  private void announce(Current in, Finding finding, Decision decision, String id) {
    EventKind kind =
        switch (decision) {
          case FLAG -> EventKind.FLAGGED;
          case INVESTIGATE -> EventKind.INVESTIGATE;
          case HOLD -> EventKind.HELD;
          case NOT_APPLICABLE -> EventKind.NOT_APPLICABLE;
          case UNKNOWN, ROLLBACK, FREEZE, CONTINUE, PROMOTE, INCONCLUSIVE -> null;
        };
    if (kind != null) {
      Map<String, String> details = numbers(finding);
      details.put("verdict", id);
      String why =
          decision == Decision.HOLD
              ? "; its units are not split as ordered, so it may not fire"
              : "";
      session.tell(
          in, kind, finding.guard().metric().text() + ": " + finding.text() + why, details);
    }
  }

  /**
   * Freezes a running run, or lets a frozen one run again.
   *
   * @param why what stands against going on, as a clause; empty where nothing does
   */
  void freezeOrResume(Current in, String why) {
    Status.Run run = in.run();
    if (!why.isEmpty() && run.phase == RolloutState.RUNNING) {
      run.phase = RolloutState.FROZEN;
      run.frozenBy = why;
      session.order(in, "frozen: " + why, null);
      session.tell(in, EventKind.FROZEN, "Frozen: " + why + ".", Map.of("reason", why));
    } else if (why.isEmpty() && run.phase == RolloutState.FROZEN) {
      run.phase = RolloutState.RUNNING;
      session.order(in, "resumed: no guard at its signal level", null);
      session.tell(
          in,
          EventKind.RESUMED,
          "Runs again: what froze it is over (" + run.frozenBy + ").",
          Map.of("reason", run.frozenBy));
      run.frozenBy = "";
    }
  }

  private static Map<String, String> numbers(Finding finding) {
    Map<String, String> details = new TreeMap<>();
    details.put("metric", finding.guard().metric().text());
    details.put("candidate", finding.candidate());
    details.put("logE", number(finding.logE()));
    details.put("threshold", number(finding.threshold()));
    details.put("candidateEvents", Long.toString(finding.events().candidate()));
    details.put("controlEvents", Long.toString(finding.events().control()));
    details.put("candidateUnits", Long.toString(finding.units().candidate()));
    details.put("controlUnits", Long.toString(finding.units().control()));
    return details;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
