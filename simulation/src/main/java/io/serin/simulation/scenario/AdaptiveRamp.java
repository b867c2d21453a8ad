package io.serin.simulation.scenario;

import io.serin.rollout.assignment.SlotSet;
import io.serin.rollout.assignment.Split;
import io.serin.simulation.Figure;
import io.serin.simulation.Ramp;
import io.serin.simulation.Ramp.Knowledge;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.simulation.Users;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Two healthy candidates whose split depends on the data: it grows where a candidate has had fewer
 * errors, shrinks where it has had more, and freezes at the signal level. Label probabilities
 * follow from the arms units were seen in.
 *
 * @param requests of one run
 * @param users who make them
 * @param alpha level of each candidate's guard
 */
public record AdaptiveRamp(int requests, int users, double alpha) implements Scenario {
  private static final int PER_DECISION = 600;
  private static final int PER_WINDOW = 20;
  private static final int[] STEPS = {0, 500, 1_000, 2_000, 3_300};

  public AdaptiveRamp() {
    this(12_000, 3_000, 0.05);
  }

  @Override
  public String name() {
    return "adaptive-ramp";
  }

  @Override
  public String question() {
    return "a ramp that depends on the data, with freezes, shrinks and two candidates: false alarms at most α";
  }

  @Override
  public int fullRuns() {
    return 2_000;
  }

  @Override
  public int quickRuns() {
    return 100;
  }

  @Override
  public Report run(long seed, int runs) {
    double[] results = Runs.of(seed, runs, this::fired);
    long first = 0;
    long second = 0;
    for (double r : results) {
      first += (long) r & 1;
      second += ((long) r >> 1) & 1;
    }
    return new Report(
        name(),
        question(),
        seed,
        runs,
        List.of(
            Figure.atMost("first candidate rolled back", first, runs, alpha),
            Figure.atMost("second candidate rolled back", second, runs, alpha)));
  }

  private double fired(SplittableRandom random) {
    Ramp ramp = new Ramp();
    int[] step = {0, 1, 1};
    enter(ramp, step);
    Users who = new Users(random, users, 1.2, 1, ramp);
    EventLabelProcess[] guards = {
      new EventLabelProcess(EventLabelDesign.worse()),
      new EventLabelProcess(EventLabelDesign.worse())
    };
    long[] errors = new long[3];
    long[] seen = new long[3];
    boolean[] fired = new boolean[2];
    double fire = -Math.log(alpha);
    for (int i = 1; i <= requests; i++) {
      int user = who.next(random);
      Knowledge known = who.see(user, ramp);
      int arm = ramp.arm(who.slot[user]);
      seen[arm]++;
      double rate = 0.04 * (1 + Math.sin(6.0 * i / requests));
      if (random.nextDouble() < Math.min(0.9, rate * who.proneness[user])) {
        errors[arm]++;
        if (who.eventIn[user] != ramp.revision()) {
          who.eventIn[user] = ramp.revision();
          for (int c = 1; c <= 2; c++) {
            if ((arm == c || arm == 0) && known.informative(ramp.revision(), c)) {
              guards[c - 1].add(i / PER_WINDOW, known.stratum(ramp.revision(), c), arm == c);
              fired[c - 1] |= guards[c - 1].logE() >= fire;
            }
          }
        }
      }
      if (i % PER_DECISION == 0) {
        decide(ramp, step, errors, seen, guards);
      }
    }
    return (fired[0] ? 1 : 0) + (fired[1] ? 2 : 0);
  }

  private static void decide(
      Ramp ramp, int[] step, long[] errors, long[] seen, EventLabelProcess[] guards) {
    boolean moved = false;
    for (int c = 1; c <= 2; c++) {
      if (guards[c - 1].logE() >= Math.log(5)) {
        continue;
      }
      double difference =
          (double) errors[c] / Math.max(1, seen[c]) - (double) errors[0] / Math.max(1, seen[0]);
      int wanted =
          Math.clamp(
              step[c] + (difference < 0 ? 1 : difference > 0.01 ? -1 : 0), 1, STEPS.length - 1);
      moved |= wanted != step[c];
      step[c] = wanted;
    }
    if (moved) {
      enter(ramp, step);
    }
  }

  /**
   * The first candidate grows from the low end, the second from the high end: only their own
   * weights move units.
   */
  private static void enter(Ramp ramp, int[] step) {
    int low = STEPS[step[1]];
    int high = Split.SLOTS - STEPS[step[2]];
    ramp.enter(SlotSet.range(low, high), SlotSet.range(0, low), SlotSet.range(high, Split.SLOTS));
  }
}
