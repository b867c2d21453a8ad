package io.serin.cli.plan;

import io.serin.cli.plan.PlannedStage.PlannedGuard;
import io.serin.report.Numbers;
import io.serin.rollout.Guard;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Stage;
import io.serin.rollout.Variant;
import io.serin.rollout.assignment.Split;
import io.serin.rollout.plan.Budget;
import io.serin.rollout.plan.Forecast;
import io.serin.statistics.Numerics;
import io.serin.statistics.design.BetGrowth;
import io.serin.statistics.sequential.ErrorBudget;
import io.serin.statistics.sequential.Stratum;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;

/**
 * Plans a rollout stage by stage: what each guard needs to find what is expected of the candidate,
 * and what the promotion gate needs for one that is identical. The units are those of {@link
 * Forecast}, which the controller's announcement and gates read too.
 *
 * @param file whose stages and guards are planned
 * @param expected by metric; what is not said is assumed
 * @param rated share of requests whose answer is rated
 */
record RolloutPlanner(
    RolloutFile file, Map<String, ExpectedEffect> expected, ExpectedTraffic traffic, double rated) {
  private static final double SECONDS_PER_DAY = 86_400;

  /** All stages that serve a candidate, in order. */
  List<PlannedStage> stages() {
    List<PlannedStage> stages = new ArrayList<>();
    for (Stage stage : file.stages()) {
      for (Variant candidate : file.candidates()) {
        if (Forecast.share(stage, candidate.name()) > 0) {
          stages.add(stage(stage, candidate.name()));
        }
      }
    }
    return stages;
  }

  private PlannedStage stage(Stage stage, String candidate) {
    double share = Forecast.share(stage, candidate);
    if (share >= 1) {
      throw new IllegalArgumentException(
          "stage " + stage.name() + " leaves nothing to control: there is nothing to compare with");
    }
    int own = stage.weights().getOrDefault(candidate, 0);
    double part = stage.full() ? 1 : own / share / Split.SLOTS;
    List<PlannedGuard> guards = new ArrayList<>();
    for (Guard guard : file.guards()) {
      guards.add(guard(guard, share, part));
    }
    double least = Forecast.detection(file, share, errors()) / part;
    Duration lasts = stage.length();
    double days = lasts == null ? Double.NaN : lasts.toSeconds() / SECONDS_PER_DAY;
    return new PlannedStage(
        stage.name(), candidate, share, part, stage.full(), days * perDay(), days, least, guards);
  }

  private double perDay() {
    return traffic.requestsPerDay() == 0 ? Double.NaN : traffic.requestsPerDay();
  }

  ExpectedEffect expectation(String metric) {
    ExpectedEffect given = expected.get(metric);
    return given != null ? given : ExpectedEffect.assumed(metric);
  }

  private double errors() {
    return expectation(ErrorBudget.ERRORS).baseline();
  }

  /**
   * Units until an identical candidate is promoted, over all stages; as the controller announces.
   */
  double promotion(String candidate) {
    List<DoubleFunction<BetGrowth>> gates = new ArrayList<>();
    for (Guard guard : file.guards()) {
      if (guard.notWorse() != null) {
        gates.add(share -> identical(guard, share));
      }
    }
    return Forecast.promotion(file, 0, candidate, errors(), gates);
  }

  /** How the gate of a guard grows on an identical candidate; not at all where it has no gate. */
  private BetGrowth identical(Guard guard, double share) {
    Double notWorse = guard.notWorse();
    if (notWorse == null) {
      return BetGrowth.NONE;
    }
    double baseline = expectation(guard.metric().text()).baseline();
    double quantile = guard.metric().quantile();
    return quantile == 0
        ? Forecast.notWorseRate(share, baseline, notWorse)
        : Forecast.notWorseQuantile(
            share, BetGrowth.exceeding(quantile, baseline, 1 / (1 + notWorse)), 1 - quantile);
  }

  private PlannedGuard guard(Guard guard, double share, double part) {
    String metric = guard.metric().text();
    ExpectedEffect what = expectation(metric);
    boolean rate = guard.metric().quantile() == 0;
    double scale = metric.equals("feedback") ? part * rated : part;
    Needed needed = rate ? rate(guard, what, share) : quantile(guard, what, share);
    Double notWorse = guard.notWorse();
    double users =
        notWorse == null
            ? Double.NaN
            : identical(guard, share).requests(Forecast.PASS, file.power()) / scale;
    String shown =
        notWorse == null
            ? ""
            : rate
                ? "not " + Numbers.points(notWorse) + " worse"
                : "not " + Numbers.percent(notWorse) + " more";
    return new PlannedGuard(
        metric,
        guard.then().name().toLowerCase(Locale.ROOT),
        needed.finds(),
        requests(rate, needed.limit() / scale),
        requests(rate, needed.half() / scale),
        requests(rate, needed.most() / scale),
        shown,
        traffic.requestsFor(users),
        users);
  }

  /** A rate sees any request of a unit; a quantile the first ones only. */
  private double requests(boolean rate, double units) {
    return rate ? units : traffic.requestsFor(units);
  }

  /** Units: of the best test there is, in half of runs, and with the file's power. */
  private record Needed(String finds, double limit, double half, double most) {
    static Needed never(String finds) {
      return new Needed(
          finds + ": allowed",
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY);
    }
  }

  private Needed needed(String finds, BetGrowth growth, double threshold) {
    return new Needed(
        finds,
        threshold / growth.mean(),
        growth.requests(threshold, 0.5),
        growth.requests(threshold, file.power()));
  }

  private Needed rate(Guard guard, ExpectedEffect what, double share) {
    double control = what.baseline();
    double candidate = what.effect();
    double margin = guard.margin() == 0 ? 1 : Stratum.marginOfPoints(control, guard.margin());
    String finds = Numbers.percent(control) + " → " + Numbers.percent(candidate);
    if (candidate <= margin * control || candidate - control <= guard.atLeast()) {
      return Needed.never(finds);
    }
    // A guard that looks both ways bets half on either side.
    double threshold = Budget.of(file).threshold(guard) + (guard.twoSided() ? Math.log(2) : 0);
    BetGrowth growth =
        margin == 1
            ? BetGrowth.exceedance(share, control, candidate)
            : BetGrowth.labels(share, control, candidate, margin);
    Needed needed = needed(finds, growth, threshold);
    return new Needed(
        finds,
        needed.limit(),
        needed.half(),
        Math.max(needed.most(), shown(guard.atLeast(), share, control, candidate)));
  }

  /** Units by which the observed difference exceeds {@code atLeast} with the file's power. */
  private double shown(double atLeast, double share, double control, double candidate) {
    double z = Math.max(0, Numerics.normalQuantile(file.power()));
    double variance = candidate * (1 - candidate) / share + control * (1 - control) / (1 - share);
    double room = candidate - control - atLeast;
    return atLeast == 0 ? 0 : z * z * variance / (room * room);
  }

  private Needed quantile(Guard guard, ExpectedEffect what, double share) {
    double q = guard.metric().quantile();
    double margin = 1 + guard.margin();
    String finds =
        "×" + Numbers.number(what.effect()) + ", ×" + Numbers.number(margin) + " allowed";
    if (what.effect() <= margin) {
      return Needed.never(finds);
    }
    double factor = what.effect() / margin;
    BetGrowth first =
        BetGrowth.exceedance(share, 1 - q, BetGrowth.exceeding(q, what.baseline(), factor));
    double threshold = Budget.of(file).threshold(guard);
    if (!ExpectedEffect.latency(guard.metric().text())) {
      return needed(finds, first, threshold);
    }
    // Latency has a second process, on requests above control's p95, at half of the level each.
    BetGrowth second =
        BetGrowth.exceedance(share, 0.05, BetGrowth.exceeding(0.95, what.baseline(), factor));
    Needed one = needed(finds, first, threshold + Math.log(2));
    Needed two = needed(finds, second, threshold + Math.log(2));
    return new Needed(
        finds,
        Math.min(one.limit(), two.limit()),
        Math.min(one.half(), two.half()),
        Math.min(one.most(), two.most()));
  }
}
