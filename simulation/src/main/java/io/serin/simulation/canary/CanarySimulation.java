package io.serin.simulation.canary;

import io.serin.analytics.observation.UnitHistory;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.RolloutState;
import io.serin.simulation.Ramp;
import io.serin.simulation.Rivals;
import io.serin.simulation.Runs;
import io.serin.simulation.Users;
import io.serin.simulation.canary.CanaryReport.Method;
import io.serin.simulation.canary.CanaryScenario.Truth;
import io.serin.simulation.decider.DrivenRollout;
import io.serin.statistics.design.BetGrowth;
import io.serin.statistics.sketch.LogSketch;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Runs a canary many times with a healthy candidate and with the faulty one, and notes when Serin's
 * decider as it ships, a z-test at each request, a threshold and a rank test each roll back. All
 * see the same requests. The same seed gives the same report.
 */
public final class CanarySimulation {
  private static final int METHODS = 4;
  private static final int EARLIER = 2_000;
  private static final double NEVER = Double.POSITIVE_INFINITY;

  private final CanaryScenario scenario;
  private final String rolloutFile;

  public CanarySimulation(CanaryScenario scenario) {
    this.scenario = scenario;
    this.rolloutFile = scenario.rolloutFile();
  }

  /**
   * Runs it.
   *
   * @param runs of each kind, ≥ 1
   * @param progress told how many runs are done, from several threads
   */
  public CanaryReport run(long seed, int runs, IntConsumer progress) {
    if (runs < 1) {
      throw new IllegalArgumentException("runs: at least 1 is required, not " + runs);
    }
    AtomicInteger done = new AtomicInteger();
    double[][] results =
        IntStream.range(0, runs)
            .parallel()
            .mapToObj(
                i -> {
                  double[] healthy = one(Runs.random(seed, 2L * i), false);
                  double[] faulty = one(Runs.random(seed, 2L * i + 1), true);
                  double[] both = Arrays.copyOf(healthy, 2 * METHODS);
                  System.arraycopy(faulty, 0, both, METHODS, METHODS);
                  progress.accept(done.incrementAndGet());
                  return both;
                })
            .toArray(double[][]::new);
    String[] names = names();
    Method[] methods = new Method[METHODS];
    for (int m = 0; m < METHODS; m++) {
      int index = m;
      methods[m] =
          new Method(
              names[m],
              Arrays.stream(results).mapToDouble(r -> r[index]).toArray(),
              Arrays.stream(results)
                  .mapToDouble(r -> r[METHODS + index] - scenario.faultFrom())
                  .toArray());
    }
    return new CanaryReport(seed, runs, limit(), List.of(methods));
  }

  private String[] names() {
    CanaryScenario.Rivals rivals = scenario.rivals();
    return new String[] {
      "Serin",
      "z-test at each request, 5 %",
      scenario.truth() instanceof Truth.Rate
          ? "threshold "
              + percent(rivals.gateSuccess())
              + " each minute, "
              + rivals.gateFailures()
              + " failures"
          : "threshold at the margin each minute, " + rivals.gateFailures() + " failures",
      "Mann–Whitney of minutes, each " + rivals.rankMinutes() + " min, 2 %"
    };
  }

  private static String percent(double share) {
    String digits = Double.toString(Math.round(share * 1e6) / 1e4);
    return (digits.endsWith(".0") ? digits.substring(0, digits.length() - 2) : digits) + " %";
  }

  /**
   * Requests from the fault on after which the information of the stages adds up to ln(1/α): what
   * no test can beat in the mean, where units are independent and nothing drifts.
   */
  double limit() {
    double missing = scenario.guard().threshold();
    long before = 0;
    double requests = 0;
    for (CanaryScenario.Stage stage : scenario.stages()) {
      long end = before + stage.requests();
      double of = Math.max(0, end - Math.max(before, scenario.faultFrom()));
      double growth = growth(stage.share());
      if (growth <= 0) {
        return NEVER;
      }
      if (missing <= of * growth) {
        return requests + missing / growth;
      }
      missing -= of * growth;
      requests += of;
      before = end;
    }
    return NEVER;
  }

  private double growth(double share) {
    return switch (scenario.truth()) {
      case Truth.Rate rate ->
          rate.candidate() <= rate.control()
              ? 0
              : BetGrowth.exceedance(share, rate.control(), rate.candidate()).mean();
      case Truth.Quantile q -> {
        double shift = Math.log(q.factor() / q.margin());
        yield shift <= 0 ? 0 : share * (1 - share) * shift * shift / (2 * q.sigma() * q.sigma());
      }
    };
  }

  /** Requests at which each method first rolls back. */
  private double[] one(SplittableRandom random, boolean faulty) {
    double[] fired = new double[METHODS];
    Arrays.fill(fired, NEVER);
    DrivenRollout serin = new DrivenRollout(rolloutFile);
    Others others = new Others(random);
    CanaryScenario.Users who = scenario.users();
    Users users =
        who.number() == 0
            ? null
            : new Users(random, who.number(), who.shape(), who.proneness(), new Ramp());
    UnitHistory[] histories = new UnitHistory[who.number()];
    double millisApart = 60_000 / scenario.rivals().requestsPerMinute();
    long elapsed = 0;
    long total = scenario.requests();
    int stage = 0;
    long stageEnd = scenario.stages().getFirst().requests();
    for (long i = 1; i <= total; i++) {
      if (i > stageEnd) {
        stageEnd += scenario.stages().get(++stage).requests();
      }
      int user = users == null ? -1 : users.next(random);
      int slot = users == null ? random.nextInt(Split.SLOTS) : users.slot[user];
      Draw draw =
          new Draw(
              random.nextDouble(),
              random.nextGaussian(),
              faulty && i > scenario.faultFrom(),
              scenario.drift() == 0 ? 1 : 1 + scenario.drift() * Math.sin(Math.PI * i / total),
              users == null ? 1 : users.proneness[user]);
      if (fired[0] == NEVER) {
        UnitHistory history = new UnitHistory();
        if (user >= 0) {
          history = histories[user] == null ? history : histories[user];
          histories[user] = history;
        }
        double value = value(draw, serin.variant(slot).equals(CanaryScenario.CANDIDATE));
        serin.request(
            user < 0 ? "new-" + i : "user-" + user, slot, history, scenario.measured(value));
        long until = Math.round(i * millisApart);
        serin.pass(Duration.ofMillis(until - elapsed));
        elapsed = until;
        fired[0] = serin.phase() == RolloutState.ROLLED_BACK ? i : NEVER;
      }
      boolean candidate = slot < scenario.stages().get(stage).share() * Split.SLOTS;
      others.see(i, candidate, value(draw, candidate), fired);
      if (fired[0] < NEVER && fired[1] < NEVER && fired[2] < NEVER && fired[3] < NEVER) {
        break;
      }
    }
    return fired;
  }

  /**
   * The chance of one request, the same for all methods whatever arm it is in.
   *
   * @param bad whether it is as bad as the faulty candidate's, in the candidate's arm
   */
  private record Draw(
      double uniform, double gaussian, boolean bad, double wave, double proneness) {}

  /** 0 or 1 for a rate. */
  private double value(Draw draw, boolean candidate) {
    boolean bad = candidate && draw.bad;
    return switch (scenario.truth()) {
      case Truth.Rate r ->
          draw.uniform
                  < Math.min(0.95, (bad ? r.candidate() : r.control()) * draw.wave * draw.proneness)
              ? 1
              : 0;
      case Truth.Quantile q ->
          q.median() * Math.exp(q.sigma() * draw.gaussian) * draw.wave * (bad ? q.factor() : 1);
    };
  }

  /** The other methods in one run. */
  private final class Others {
    private final Truth truth = scenario.truth();
    private final double threshold;
    private final boolean rate = truth instanceof Truth.Rate;
    private final Rivals.NaiveZ z = new Rivals.NaiveZ(true);
    private final Rivals.MinuteGate gate;
    private final Rivals.MinuteRanks ranks;
    private final double perMinute = scenario.rivals().requestsPerMinute();

    Others(SplittableRandom random) {
      double gateLeast = scenario.rivals().gateSuccess();
      if (truth instanceof Truth.Quantile q) {
        LogSketch earlier = new LogSketch(LogSketch.TIMES);
        for (int i = 0; i < EARLIER; i++) {
          earlier.add(Runs.lognormal(random, q.median(), q.sigma()));
        }
        threshold = earlier.quantile(q.quantile());
        gateLeast = q.quantile();
      } else {
        threshold = 0.5;
      }
      gate = new Rivals.MinuteGate(gateLeast, scenario.rivals().gateFailures());
      ranks = new Rivals.MinuteRanks(scenario.rivals().rankMinutes());
    }

    private double rescaled(double value, boolean candidate) {
      return candidate && truth instanceof Truth.Quantile q ? value / q.margin() : value;
    }

    void see(long request, boolean candidate, double value, double[] fired) {
      double own = rescaled(value, candidate);
      boolean bad = rate ? value == 1 : own > threshold;
      long minute = (long) (request / perMinute);
      if (fired[1] == NEVER) {
        z.add(candidate, bad);
        fired[1] = z.fired() ? request : NEVER;
      }
      if (fired[2] == NEVER) {
        gate.add(minute, candidate, bad);
        fired[2] = gate.fired() ? request : NEVER;
      }
      if (fired[3] == NEVER) {
        ranks.add(minute, candidate, rate ? value : Math.log(own));
        fired[3] = ranks.fired() ? request : NEVER;
      }
    }
  }
}
