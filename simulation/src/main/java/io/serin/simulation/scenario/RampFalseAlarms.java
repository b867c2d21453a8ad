package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Ramp;
import io.serin.simulation.Ramp.Knowledge;
import io.serin.simulation.Report;
import io.serin.simulation.Rivals;
import io.serin.simulation.Runs;
import io.serin.simulation.Users;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A healthy candidate on a ramp of 5, 25 and 50 %, with users who return very unevenly and differ
 * in proneness, errors that drift, and exceedance that moves with the load while part of the
 * candidate's units goes missing.
 *
 * @param requests of one run
 * @param users who make them
 * @param alpha level of each guard
 * @param missing share of the candidate's units that never arrive at the latency guard
 */
public record RampFalseAlarms(int requests, int users, double alpha, double missing)
    implements Scenario {
  private static final double[] SHARES = {0.05, 0.25, 0.5};
  private static final int PER_WINDOW = 20;

  public RampFalseAlarms() {
    this(10_000, 3_000, 0.05, 0.1);
  }

  @Override
  public String name() {
    return "ramp";
  }

  @Override
  public String question() {
    return "healthy candidate, ramp, returning users, drift: false alarms at most α where the naive z has over half";
  }

  @Override
  public int fullRuns() {
    return 2_000;
  }

  @Override
  public int quickRuns() {
    return 120;
  }

  @Override
  public Report run(long seed, int runs) {
    double[] labels = Runs.of(seed, runs, r -> errors(r, false));
    double[] naive = Runs.of(seed, runs, r -> errors(r, true));
    double[] tracked = Runs.of(seed + 1, runs, this::load);
    return new Report(
        name(),
        question(),
        seed,
        runs,
        List.of(
            Figure.atMost("event labels, errors", Runs.hits(labels), runs, alpha),
            Figure.atLeast("naive z at every request", Runs.hits(naive), runs, 0.5),
            Figure.atMost(
                "exceedance .5 → .2 → .05, " + missing + " missing",
                Runs.hits(tracked),
                runs,
                alpha)));
  }

  /** Errors rise fourfold and fall again over the run. */
  private double errors(SplittableRandom random, boolean naive) {
    Ramp ramp = new Ramp();
    Users who = new Users(random, users, 1.1, 1.5, ramp);
    EventLabelProcess process = new EventLabelProcess(EventLabelDesign.worse());
    Rivals.NaiveZ z = new Rivals.NaiveZ();
    double threshold = -Math.log(alpha);
    boolean fired = false;
    for (int i = 0; i < requests && !fired; i++) {
      if (i * SHARES.length / requests > ramp.revision()) {
        ramp.enter(SHARES[ramp.revision() + 1]);
      }
      int user = who.next(random);
      Knowledge known = who.see(user, ramp);
      boolean candidate = ramp.arm(who.slot[user]) == 1;
      double rate = 0.02 * (1 + 3 * Math.sin(Math.PI * i / requests));
      boolean error = random.nextDouble() < Math.min(0.9, rate * who.proneness[user]);
      if (naive) {
        z.add(candidate, error);
        fired = z.fired();
      } else if (error && who.eventIn[user] != ramp.revision()) {
        who.eventIn[user] = ramp.revision();
        if (known.informative(ramp.revision(), 1)) {
          process.add(i / PER_WINDOW, known.stratum(ramp.revision(), 1), candidate);
          fired = process.logE() >= threshold;
        }
      }
    }
    return fired ? 1 : 0;
  }

  /**
   * One request a unit; the load moves the true exceedance, and candidate units go missing at
   * random.
   */
  private double load(SplittableRandom random) {
    double[] rates = {0.5, 0.2, 0.05};
    ExceedanceProcess process = new ExceedanceProcess(ExceedanceDesign.slower());
    double threshold = -Math.log(alpha);
    for (int i = 0; i < requests; i++) {
      int stage = i * SHARES.length / requests;
      Stratum stratum = new Stratum("stage" + stage, SHARES[stage]);
      boolean candidate = random.nextDouble() < SHARES[stage];
      // Within each stage the load moves through all three rates.
      double within = (double) i * SHARES.length / requests - stage;
      boolean above = random.nextDouble() < rates[(int) (within * rates.length)];
      if (candidate && random.nextDouble() < missing) {
        continue;
      }
      process.add(i / PER_WINDOW, 0, stratum, candidate, above);
      if (process.logE() >= threshold) {
        return 1;
      }
    }
    return 0;
  }
}
