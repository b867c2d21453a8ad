package io.serin.cli.rehearse;

import io.serin.cli.control.ControlException;
import io.serin.cli.stack.Stack;
import io.serin.rehearsal.fault.ScheduledFault;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * One cell of the matrix' rails: under traffic the harm is done to one rollout, then a person rolls
 * it back. The candidate must be out of every router's traffic. Two other rollouts are live
 * meanwhile: one stays as it is, the other's candidate fails after the harm and must be rolled back
 * by its guards. No client may see an error, and every service must stay ready.
 */
final class RailsRehearsal {

  private static final Duration CALM = Duration.ofSeconds(4);
  private static final Duration EFFECT = Duration.ofSeconds(4);
  private static final Duration DRAIN = Duration.ofSeconds(2);
  private static final Duration AFTER = Duration.ofSeconds(3);
  private static final ScheduledFault BAD = ScheduledFault.parse("candidate:errors=50%@0s");

  private final MatrixCell cell;
  private final RailsFault fault;
  private final Surroundings where;
  private final Stack stack;
  private final double rate;
  private final long seed;
  private final InstantSource time;

  RailsRehearsal(
      MatrixCell cell,
      RailsFault fault,
      Surroundings where,
      Stack stack,
      double rate,
      long seed,
      InstantSource time) {
    this.cell = cell;
    this.fault = fault;
    this.where = where;
    this.stack = stack;
    this.rate = rate;
    this.seed = seed;
    this.time = time;
  }

  MatrixResult run(String runId) throws ControlException, InterruptedException {
    List<String> problems = new ArrayList<>();
    try (LiveRollout calm = live("calm", runId, List.of());
        LiveRollout bad = live("bad", runId, List.of(BAD));
        LiveRollout culprit =
            new LiveRollout(cell.rollout(), runId, where, List.of(), rate, seed, time)) {
      for (LiveRollout each : List.of(calm, bad, culprit)) {
        each.begin(problems);
      }
      Thread.sleep(CALM);
      long took;
      try (ReadinessWatch readiness = ReadinessWatch.of(stack)) {
        took = harmAndRollBack(culprit, calm, bad, problems);
        problems.addAll(readiness.problems());
      } finally {
        for (LiveRollout each : List.of(calm, bad, culprit)) {
          each.end(problems);
        }
      }
      return new MatrixResult(
          cell,
          "rolled back by hand",
          Duration.ofNanos(took),
          fault.kind(),
          calm.requests() + bad.requests() + culprit.requests(),
          String.join("; ", problems));
    }
  }

  private LiveRollout live(String which, String runId, List<ScheduledFault> faults) {
    return new LiveRollout(
        cell.rollout() + "-" + which, runId + which, where, faults, rate / 2, seed + 1, time);
  }

  /** Nanoseconds from the rollback by hand until every router serves it. */
  private long harmAndRollBack(
      LiveRollout culprit, LiveRollout calm, LiveRollout bad, List<String> problems)
      throws ControlException, InterruptedException {
    if (culprit.candidateAnswers() == 0) {
      problems.add("the candidate served no request before the rollback");
    }
    fault.inject(
        culprit.name(), culprit.yaml(), where.control(), new HostileRecords(where.kafka()));
    bad.spoil();
    Thread.sleep(EFFECT);
    long begun = System.nanoTime();
    culprit.rollBack(problems);
    long took = System.nanoTime() - begun;
    bad.awaitRollback(problems);
    Thread.sleep(DRAIN);
    long answers = culprit.candidateAnswers();
    long others = calm.candidateAnswers();
    Thread.sleep(AFTER);
    long more = culprit.candidateAnswers() - answers;
    if (more > 0) {
      problems.add("the candidate served " + more + " requests after the rollback");
    }
    if (calm.candidateAnswers() == others) {
      problems.add(calm.name() + "'s good candidate is not served any more");
    }
    calm.expectState("RUNNING", problems);
    return took;
  }
}
