package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.statistics.design.BetGrowth;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.PromotionGate;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The promotion gate: a candidate exactly δ worse passes with probability .05 at most; an identical
 * one passes within the planned size. And users who leave after an error, with 30 % errors in both
 * arms: no rollback.
 *
 * @param errors control's error rate
 * @param margin δ
 * @param alpha level of the gate
 */
public record Promotion(double errors, double margin, double alpha) implements Scenario {
  public Promotion() {
    this(0.01, 0.01, 0.05);
  }

  @Override
  public String name() {
    return "promotion";
  }

  @Override
  public String question() {
    return "false promotion at truth = δ at most "
        + alpha
        + "; an identical candidate passes within the planned size";
  }

  @Override
  public int fullRuns() {
    return 2_000;
  }

  @Override
  public int quickRuns() {
    return 80;
  }

  @Override
  public Report run(long seed, int runs) {
    List<Figure> figures = new ArrayList<>();
    for (double share : new double[] {0.05, 0.25, 0.5}) {
      int planned =
          (int) Math.ceil(BetGrowth.gate(share, errors, margin).requests(-Math.log(alpha), 0.8));
      String at = String.format(Locale.ROOT, "share %.0f %%, ", 100 * share);
      long falsely =
          Runs.hits(Runs.of(seed, runs, r -> passes(r, share, errors + margin, planned)));
      long truly = Runs.hits(Runs.of(seed + 1, runs, r -> passes(r, share, errors, planned)));
      figures.add(Figure.atMost(at + "false promotion at δ", falsely, runs, alpha));
      figures.add(Figure.atLeast(at + "identical passes within " + planned, truly, runs, 0.8));
    }
    long slow = Runs.hits(Runs.of(seed + 2, runs, r -> latency(r, 1.2)));
    long equal = Runs.hits(Runs.of(seed + 3, runs, r -> latency(r, 1)));
    figures.add(Figure.atMost("latency: false promotion at ×1.2", slow, runs, alpha));
    figures.add(Figure.atLeast("latency: identical passes within 10,000", equal, runs, 0.8));
    long left = Runs.hits(Runs.of(seed + 4, runs, Promotion::leaving));
    figures.add(
        Figure.atMost("rolled back: users leave, 30 % errors in both arms", left, runs, 0.05));
    long tripped = Runs.hits(Runs.of(seed + 5, runs, Promotion::breaker));
    figures.add(
        Figure.shown(
            "breaker tripped at 30 % errors in both arms, per 2,000 requests",
            (double) tripped / runs, 0));
    return new Report(name(), question(), seed, runs, figures);
  }

  private double passes(SplittableRandom random, double share, double candidate, int planned) {
    PromotionGate gate = new PromotionGate(margin);
    Stratum stratum = new Stratum("all", share);
    long quiet = 0;
    double pass = -Math.log(alpha);
    for (int i = 1; i <= planned; i++) {
      boolean arm = random.nextDouble() < share;
      boolean bad = random.nextDouble() < (arm ? candidate : errors);
      if (!bad) {
        quiet++;
        if (i % 20 != 0 && i < planned) {
          continue;
        }
      }
      gate.add(stratum, 0, 0, quiet);
      quiet = 0;
      if (bad) {
        gate.add(stratum, arm, true);
      }
      if (gate.logE() >= pass) {
        return 1;
      }
    }
    return 0;
  }

  /** The reversed exceedance bet at the median, margin 1.2, share 25 %. */
  private double latency(SplittableRandom random, double truth) {
    ExceedanceProcess process = new ExceedanceProcess(ExceedanceDesign.notSlower());
    Stratum stratum = new Stratum("all", 0.25);
    for (int i = 0; i < 10_000; i++) {
      boolean candidate = random.nextDouble() < 0.25;
      double value = Runs.lognormal(random, 400, 0.7) * (candidate ? truth / 1.2 : 1);
      process.add(i / 100, 0, stratum, candidate, value > 400);
      if (process.logE() >= -Math.log(alpha)) {
        return 1;
      }
    }
    return 0;
  }

  /** A user who saw an error returns with probability one half; each user's first error counts. */
  private static double leaving(SplittableRandom random) {
    int users = 4_000;
    boolean[] candidate = new boolean[users];
    boolean[] gone = new boolean[users];
    boolean[] counted = new boolean[users];
    for (int i = 0; i < users; i++) {
      candidate[i] = random.nextDouble() < 0.25;
    }
    ExceedanceProcess first = new ExceedanceProcess(ExceedanceDesign.slower());
    EventLabelProcess events = new EventLabelProcess(EventLabelDesign.worse());
    boolean[] seen = new boolean[users];
    Stratum stratum = new Stratum("all", 0.25);
    double fire = -Math.log(0.05 / 2);
    for (int i = 0; i < 20_000; i++) {
      int user = random.nextInt(users);
      if (gone[user]) {
        continue;
      }
      boolean error = random.nextDouble() < 0.3;
      if (!seen[user]) {
        seen[user] = true;
        first.add(i / 50, 0, stratum, candidate[user], error);
      }
      if (error) {
        gone[user] = random.nextBoolean();
        if (!counted[user]) {
          counted[user] = true;
          events.add(i / 50, stratum, candidate[user]);
        }
        if (events.logE() >= fire || first.logE() >= fire) {
          return 1;
        }
      }
    }
    return 0;
  }

  /** 10 of the last 12 candidate attempts fail while less than half of control's last 12 do. */
  private static double breaker(SplittableRandom random) {
    int[] last = new int[2];
    for (int i = 0; i < 2_000; i++) {
      int arm = random.nextInt(4) == 0 ? 1 : 0;
      last[arm] = (last[arm] << 1 | (random.nextDouble() < 0.3 ? 1 : 0)) & 0xFFF;
      if (Integer.bitCount(last[1]) >= 10 && Integer.bitCount(last[0]) < 6) {
        return 1;
      }
    }
    return 0;
  }
}
