package io.serin.simulation.canary;

import io.serin.rollout.assignment.Split;
import io.serin.simulation.Ramp;
import io.serin.simulation.Ramp.Knowledge;
import io.serin.simulation.Rivals;
import io.serin.simulation.Runs;
import io.serin.simulation.Users;
import io.serin.simulation.canary.CanaryReport.Method;
import io.serin.simulation.canary.CanaryScenario.Truth;
import io.serin.statistics.design.BetGrowth;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.RateProcess;
import io.serin.statistics.sequential.Stratum;
import io.serin.statistics.sketch.LogSketch;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Runs a canary many times with a healthy candidate and with the faulty one, and notes when Serin's
 * guard, a z-test at each request, a threshold and a rank test each roll back. All see the same
 * requests. The same seed gives the same report.
 */
public final class CanarySimulation {
  private static final int METHODS = 4;
  private static final int EARLIER = 2_000;
  private static final double TAIL = 0.95;
  private static final double WINDOW_SECONDS = 10;
  private static final int FEWEST_EVENTS = 3;
  private static final double NEVER = Double.POSITIVE_INFINITY;

  private final CanaryScenario scenario;

  public CanarySimulation(CanaryScenario scenario) {
    this.scenario = scenario;
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
    Ramp ramp = new Ramp();
    ramp.enter(scenario.stages().getFirst().share());
    CanaryScenario.Users who = scenario.users();
    Users users =
        who.number() == 0
            ? null
            : new Users(random, who.number(), who.shape(), who.proneness(), ramp);
    Judge judge = new Judge(random);
    long total = scenario.requests();
    long stageEnd = scenario.stages().getFirst().requests();
    for (long i = 1; i <= total; i++) {
      if (i > stageEnd) {
        CanaryScenario.Stage next = scenario.stages().get(ramp.revision() + 1);
        ramp.enter(next.share());
        stageEnd += next.requests();
      }
      int revision = ramp.revision();
      int user = users == null ? -1 : users.next(random);
      Knowledge known = users == null ? ramp.nothing : users.see(user, ramp);
      int slot = users == null ? random.nextInt(Split.SLOTS) : users.slot[user];
      boolean candidate = ramp.arm(slot) == 1;
      boolean bad = faulty && candidate && i > scenario.faultFrom();
      double wave =
          scenario.drift() == 0 ? 1 : 1 + scenario.drift() * Math.sin(Math.PI * i / total);
      double value = judge.value(random, bad, wave, users == null ? 1 : users.proneness[user]);
      boolean first = users == null || users.firstIn[user] != revision;
      boolean firstEvent =
          judge.event(value, candidate) && (users == null || users.eventIn[user] != revision);
      if (users != null) {
        users.firstIn[user] = revision;
        users.eventIn[user] = firstEvent ? revision : users.eventIn[user];
      }
      if (fired[0] == NEVER && judge.counts(candidate, first, firstEvent)) {
        boolean tells = known.informative(revision, 1);
        if (tells
            && judge.fires(i, known.stratum(revision, 1), candidate, value, first, firstEvent)) {
          fired[0] = i;
        }
      }
      judge.rivals(i, candidate, value, fired);
      if (fired[0] < NEVER && fired[1] < NEVER && fired[2] < NEVER && fired[3] < NEVER) {
        break;
      }
    }
    return fired;
  }

  /** The guard and its rivals in one run. */
  private final class Judge {
    private final Truth truth = scenario.truth();
    private final double threshold;
    private final double tail;
    private final double fire = scenario.guard().threshold();
    private final boolean rate = truth instanceof Truth.Rate;
    private final ExceedanceProcess firsts = new ExceedanceProcess(ExceedanceDesign.slower());
    private final EventLabelProcess events = new EventLabelProcess(EventLabelDesign.worse());
    private final long[] seen = new long[2];
    private final long[] failed = new long[2];

    private final Rivals.NaiveZ z = new Rivals.NaiveZ(true);
    private final Rivals.MinuteGate gate;
    private final Rivals.MinuteRanks ranks;
    private final double perMinute = scenario.rivals().requestsPerMinute();

    Judge(SplittableRandom random) {
      double gateLeast = scenario.rivals().gateSuccess();
      if (truth instanceof Truth.Quantile q) {
        LogSketch earlier = new LogSketch(LogSketch.TIMES);
        for (int i = 0; i < EARLIER; i++) {
          earlier.add(Runs.lognormal(random, q.median(), q.sigma()));
        }
        threshold = earlier.quantile(q.quantile());
        tail = earlier.quantile(TAIL);
        gateLeast = q.quantile();
      } else {
        threshold = 0.5;
        tail = 0.5;
      }
      gate = new Rivals.MinuteGate(gateLeast, scenario.rivals().gateFailures());
      ranks = new Rivals.MinuteRanks(scenario.rivals().rankMinutes());
    }

    /** 0 or 1 for a rate. */
    double value(SplittableRandom random, boolean bad, double wave, double proneness) {
      return switch (truth) {
        case Truth.Rate r ->
            random.nextDouble()
                    < Math.min(0.95, (bad ? r.candidate() : r.control()) * wave * proneness)
                ? 1
                : 0;
        case Truth.Quantile q ->
            Runs.lognormal(random, q.median(), q.sigma()) * wave * (bad ? q.factor() : 1);
      };
    }

    private double rescaled(double value, boolean candidate) {
      return candidate && truth instanceof Truth.Quantile q ? value / q.margin() : value;
    }

    /** What the event-label process counts: a failure, or a request above c_.95. */
    boolean event(double value, boolean candidate) {
      return rescaled(value, candidate) > tail;
    }

    /** Counts a unit's first request; false where the request tells the guard nothing. */
    boolean counts(boolean candidate, boolean first, boolean firstEvent) {
      seen[candidate ? 1 : 0] += first ? 1 : 0;
      return firstEvent || first;
    }

    boolean fires(
        long request,
        Stratum stratum,
        boolean candidate,
        double value,
        boolean first,
        boolean firstEvent) {
      long window = (long) (request / Math.max(1, perMinute * WINDOW_SECONDS / 60));
      if (rate) {
        return rates(window, stratum, candidate, value == 1, first, firstEvent);
      }
      boolean read = false;
      if (first) {
        firsts.add(window, 0, stratum, candidate, rescaled(value, candidate) > threshold);
        read = firsts.logE() >= fire + Math.log(2);
      }
      if (firstEvent) {
        events.add(window, stratum, candidate);
        read |= events.logE() >= fire + Math.log(2);
      }
      return read;
    }

    private boolean rates(
        long window,
        Stratum stratum,
        boolean candidate,
        boolean error,
        boolean first,
        boolean firstEvent) {
      int arm = candidate ? 1 : 0;
      if (first) {
        firsts.add(window, 0, stratum, candidate, error);
      }
      if (!firstEvent) {
        return false;
      }
      failed[arm]++;
      events.add(window, stratum, candidate);
      return RateProcess.logE(events.logE(), firsts.logE()) >= fire
          && failed[1] >= FEWEST_EVENTS
          && (double) failed[1] / Math.max(1, seen[1]) - (double) failed[0] / Math.max(1, seen[0])
              >= scenario.guard().atLeast();
    }

    void rivals(long request, boolean candidate, double value, double[] fired) {
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
