package io.serin.rollout.plan;

import io.serin.rollout.Guard;
import io.serin.rollout.Metric;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Stage;
import io.serin.rollout.Then;
import io.serin.rollout.Until;
import io.serin.rollout.assignment.Split;
import io.serin.statistics.design.BetGrowth;
import io.serin.statistics.design.BetGrowth.Gained;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * How many units a rollout needs, of the candidate and control together, each by its first request.
 * The one answer that {@code serin plan}, the controller's announcement and the gates give. It
 * decides nothing about a candidate; the simulations check it.
 */
public final class Forecast {
  /** ln 20: a promotion gate has shown "not worse" at this height, falsely once in twenty. */
  public static final double PASS = StrictMath.log(20);

  /** Below this, a rate of control is taken as this: the fewest units are then about 10,000. */
  private static final double LEAST_RATE = 0.001;

  private static final double THREEFOLD = 3;

  private Forecast() {}

  /** The candidate's share of the units of it and control in a stage; 0 where it has none. */
  public static double share(Stage stage, String candidate) {
    double own = stage.weights().getOrDefault(candidate, 0);
    if (own == 0) {
      return 0;
    }
    double control = Split.SLOTS - stage.weights().values().stream().mapToInt(w -> w).sum();
    return stage.full() ? 1 - (double) Stage.HOLDBACK / Split.SLOTS : own / (own + control);
  }

  /**
   * Units by which the guard on errors has fired with the file's power, were the candidate's rate
   * three times control's, or worse by the margin that promotion has to rule out where that is
   * more. 1 where errors do not roll back; infinite where control fails so often that no candidate
   * can be told apart.
   *
   * @param share of the candidate, in (0, 1)
   * @param rate of control's errors, 0 … 1
   */
  public static double detection(RolloutFile file, double share, double rate) {
    return file.guards().stream()
        .filter(guard -> guard.metric() == Metric.ERROR_RATE && guard.then() == Then.ROLLBACK)
        .findFirst()
        .map((Guard guard) -> detection(file, guard, share, rate))
        .orElse(1.0);
  }

  private static double detection(RolloutFile file, Guard guard, double share, double rate) {
    Double notWorse = guard.notWorse();
    double margin = notWorse == null ? guard.atLeast() : notWorse;
    double control = Math.max(rate, LEAST_RATE);
    double candidate = Math.min(0.999, Math.max(THREEFOLD * control, control + margin));
    if (!(candidate > control && share > 0 && share < 1)) {
      return Double.POSITIVE_INFINITY;
    }
    return BetGrowth.exceedance(share, control, candidate)
        .requests(Budget.of(file).threshold(guard), file.power());
  }

  /** The growth of the gate for a rate, on an identical candidate. */
  public static BetGrowth notWorseRate(double share, double rate, double margin) {
    return share > 0 && share < 1
        ? BetGrowth.gate(share, Math.clamp(rate, LEAST_RATE / 10, 0.999), margin)
        : BetGrowth.NONE;
  }

  /** The growth of the gate for a quantile, where the arms exceed a threshold at these rates. */
  public static BetGrowth notWorseQuantile(double share, double candidate, double control) {
    double p1 = Math.clamp(candidate, 1e-6, 1 - 1e-6);
    double p0 = Math.clamp(control, 1e-6, 1 - 1e-6);
    return share > 0 && share < 1 && p1 < p0 ? BetGrowth.exceedance(share, p1, p0) : BetGrowth.NONE;
  }

  /**
   * Units of a stage and all after it until an identical candidate is promoted with the file's
   * power: what detection asks of each stage, and what every gate gains from all of them together.
   * Infinite where no number is enough.
   *
   * @param from index of the first stage that counts
   * @param rate of control's errors
   * @param gates growth at a share, of everything that must be shown not worse
   */
  public static double promotion(
      RolloutFile file,
      int from,
      String candidate,
      double rate,
      List<? extends DoubleFunction<BetGrowth>> gates) {
    List<Gained> gained = new ArrayList<>();
    gates.forEach(gate -> gained.add(Gained.NOTHING));
    double power = 1 - (1 - file.power()) / Math.max(1, gates.size());
    double total = 0;
    for (Stage stage : file.stages().subList(from, file.stages().size())) {
      double share = share(stage, candidate);
      if (share == 0) {
        continue;
      }
      double needed = stage.until() == Until.DETECTION ? detection(file, share, rate) : 0;
      for (int i = 0; i < gained.size() && stage.until() == Until.GATE; i++) {
        needed = Math.max(needed, gates.get(i).apply(share).requests(gained.get(i), PASS, power));
      }
      if (Double.isInfinite(needed)) {
        return needed;
      }
      total += needed;
      for (int i = 0; i < gained.size(); i++) {
        gained.set(i, gained.get(i).after(needed, gates.get(i).apply(share)));
      }
    }
    return total;
  }
}
