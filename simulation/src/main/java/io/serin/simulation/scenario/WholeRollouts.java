package io.serin.simulation.scenario;

import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.UnitHistory;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.RolloutState;
import io.serin.simulation.Figure;
import io.serin.simulation.Ramp;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.simulation.Users;
import io.serin.simulation.decider.DrivenRollout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Whole rollouts under the judge and controller that ship, from the first stage to promotion: a
 * candidate like control is promoted within the announced size and rolled back with chance α at
 * most; one exactly on the margin of latency is not promoted; too little traffic decides nothing.
 */
public record WholeRollouts() implements Scenario {
  private static final String FILE =
      """
      rollout: simulated
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      stages:
        - {weight: 25%, for: 1m, until: time}
        - {weight: 50%, for: 1m, until: gate}
        - {weight: 100%, bake: 1m}
      guards:
        - {metric: latency.p50, worseBy: 20%, then: rollback, notWorse: 20%}
        - {metric: latency.p95, worseBy: 20%, then: rollback, notWorse: 20%}
        - {metric: error.rate, worseBy: 0, then: rollback, notWorse: 1pp}
      """;

  private static final double ERRORS = 0.01;
  private static final double MEDIAN_MICROS = 200_000;
  private static final double SIGMA = 0.5;
  private static final double GATE = 0.05;

  /**
   * The traffic of a run.
   *
   * @param slower the candidate's latency over control's; 1.2 is exactly on the margin
   * @param apart time between two requests
   * @param requests of a run at most
   * @param users who return, unevenly active and unevenly prone to errors; 0: each request is a new
   *     user's
   */
  private record Traffic(double slower, Duration apart, int requests, int users) {}

  /**
   * How a run ended.
   *
   * @param announced whether it was promoted within the size that the controller announced
   */
  private record End(
      boolean rolledBack, boolean promoted, boolean announced, boolean asksForMore) {}

  @Override
  public String name() {
    return "rollouts";
  }

  @Override
  public String question() {
    return "whole rollouts by the decider that ships: false rollbacks at most α, none promoted on"
        + " the margin, an identical candidate promoted as announced";
  }

  @Override
  public int fullRuns() {
    return 500;
  }

  @Override
  public int quickRuns() {
    return 5;
  }

  @Override
  public Report run(long seed, int runs) {
    List<Figure> figures = new ArrayList<>();
    for (double alpha : new double[] {0.01, 0.2}) {
      String at = ", α " + alpha;
      List<End> same = runs(seed, runs, alpha, new Traffic(1, Duration.ofMillis(100), 20_000, 0));
      figures.add(Figure.atMost("identical: rolled back" + at, rolledBack(same), runs, alpha));
      figures.add(
          Figure.atLeast(
              "identical: promoted as announced" + at,
              same.stream().filter(End::announced).count(),
              runs,
              0.8));
      List<End> margin =
          runs(seed + 1, runs, alpha, new Traffic(1.2, Duration.ofMillis(100), 4_000, 0));
      figures.add(Figure.atMost("on the margin: promoted" + at, promoted(margin), runs, GATE));
      figures.add(
          Figure.atMost("on the margin: rolled back" + at, rolledBack(margin), runs, alpha));
      List<End> returning =
          runs(seed + 2, runs, alpha, new Traffic(1, Duration.ofMillis(100), 10_000, 3_000));
      figures.add(
          Figure.atMost(
              "identical, 3,000 users who return: rolled back" + at,
              rolledBack(returning),
              runs,
              alpha));
    }
    List<End> rare = runs(seed + 3, runs, 0.01, new Traffic(1, Duration.ofMinutes(1), 1_000, 0));
    figures.add(
        Figure.atLeast(
            "a request a minute: undecided, and says how many more it needs",
            rare.stream().filter(End::asksForMore).count(),
            runs,
            1));
    return new Report(name(), question(), seed, runs, figures);
  }

  private static long rolledBack(List<End> ends) {
    return ends.stream().filter(End::rolledBack).count();
  }

  private static long promoted(List<End> ends) {
    return ends.stream().filter(End::promoted).count();
  }

  private static List<End> runs(long seed, int runs, double alpha, Traffic traffic) {
    return IntStream.range(0, runs)
        .parallel()
        .mapToObj(i -> run(Runs.random(seed, i), alpha, traffic))
        .toList();
  }

  private static End run(SplittableRandom random, double alpha, Traffic traffic) {
    DrivenRollout rollout = new DrivenRollout(FILE + "alpha: " + alpha + "\n");
    Users users =
        traffic.users == 0 ? null : new Users(random, traffic.users, 1.5, 0.5, new Ramp());
    Map<Integer, UnitHistory> histories = new HashMap<>();
    int requests = 0;
    while (requests < traffic.requests && rollout.active()) {
      requests++;
      int user = users == null ? requests : users.next(random);
      int slot = users == null ? random.nextInt(Split.SLOTS) : users.slot[user];
      double errors = users == null ? ERRORS : Math.min(0.95, ERRORS * users.proneness[user]);
      boolean candidate = rollout.variant(slot).equals("candidate");
      boolean failed = random.nextDouble() < errors;
      double micros =
          Runs.lognormal(random, MEDIAN_MICROS, SIGMA) * (candidate ? traffic.slower : 1);
      rollout.request(
          "u" + user,
          slot,
          users == null
              ? new UnitHistory()
              : histories.computeIfAbsent(user, u -> new UnitHistory()),
          new DrivenRollout.Measured(
              failed ? Observation.End.FAILED : Observation.End.OK,
              false,
              Math.round(micros),
              100));
      rollout.pass(traffic.apart);
    }
    boolean promoted = rollout.phase() == RolloutState.PROMOTED;
    return new End(
        rollout.phase() == RolloutState.ROLLED_BACK,
        promoted,
        promoted && requests <= rollout.announcedRequests(),
        rollout.active() && rollout.standing().contains("need about"));
  }
}
