package io.serin.cli.plan;

import io.serin.cli.plan.PlannedStage.PlannedGuard;
import io.serin.rollout.Guard;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Stage;
import io.serin.rollout.Then;
import io.serin.rollout.Variant;
import io.serin.rollout.assignment.Split;
import io.serin.simulation.DetectionTimes;
import io.serin.statistics.design.PromotionPlan;
import io.serin.statistics.sequential.ErrorBudget;
import io.serin.statistics.sequential.Stratum;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Plans a rollout stage by stage: what each guard needs to find what is expected of the candidate,
 * and what the promotion gate needs for one that is identical.
 *
 * @param file whose stages and guards are planned
 * @param expected by metric; what is not said is assumed
 * @param rated share of requests whose answer is rated
 * @param runs of each simulation
 */
record RolloutPlanner(
    RolloutFile file,
    Map<String, Expectation> expected,
    Traffic traffic,
    double rated,
    long seed,
    int runs) {
  /** Level of flags, and of the gate. */
  private static final double SIGNAL = 0.05;

  private static final double SECONDS_PER_DAY = 86_400;
  private static final double THREEFOLD = 3;

  /** All stages that serve a candidate, in order; progress is told as done and all. */
  List<PlannedStage> stages(BiConsumer<Long, Long> progress) {
    List<PlannedStage> stages = new ArrayList<>();
    long all =
        file.stages().stream().mapToLong(stage -> stage.weights().size()).sum()
            * (file.guards().size() + 1);
    long done = 0;
    for (Stage stage : file.stages()) {
      for (Variant candidate : file.candidates()) {
        int own = slots(stage, candidate.name());
        if (own > 0) {
          stages.add(stage(stage, candidate.name(), own, done, all, progress));
          done += file.guards().size() + 1;
        }
      }
    }
    return stages;
  }

  private static int slots(Stage stage, String candidate) {
    int slots = stage.weights().getOrDefault(candidate, 0);
    return stage.full() ? slots - Stage.HOLDBACK : slots;
  }

  private PlannedStage stage(
      Stage stage,
      String candidate,
      int own,
      long before,
      long all,
      BiConsumer<Long, Long> progress) {
    int others = stage.weights().values().stream().mapToInt(Integer::intValue).sum();
    int control = stage.full() ? Stage.HOLDBACK : Split.SLOTS - others;
    if (control <= 0) {
      throw new IllegalArgumentException(
          "stage " + stage.name() + " leaves nothing to control: there is nothing to compare with");
    }
    double share = (double) own / (own + control);
    double part = (double) (own + control) / Split.SLOTS;
    List<PlannedGuard> guards = new ArrayList<>();
    long done = before;
    for (Guard guard : file.guards()) {
      guards.add(guard(guard, share, part));
      progress.accept(++done, all);
    }
    double least = least(share) / part;
    progress.accept(++done, all);
    Duration lasts = stage.length();
    double days = lasts == null ? Double.NaN : lasts.toSeconds() / SECONDS_PER_DAY;
    return new PlannedStage(
        stage.name(), candidate, share, part, stage.full(), days * perDay(), days, least, guards);
  }

  private double perDay() {
    return traffic.requestsPerDay() == 0 ? Double.NaN : traffic.requestsPerDay();
  }

  Expectation expectation(String metric) {
    Expectation given = expected.get(metric);
    return given != null ? given : Expectation.assumed(metric);
  }

  private double least(double share) {
    double errors = expectation(ErrorBudget.ERRORS).baseline();
    List<String> guards = rollbacks();
    double threshold =
        guards.contains(ErrorBudget.ERRORS)
            ? ErrorBudget.of(file.alpha(), guards, file.candidates().size())
                .threshold(ErrorBudget.ERRORS)
            : -Math.log(file.alpha());
    return DetectionTimes.rate(
            share, errors, Math.min(0.99, THREEFOLD * errors), 1, 0, threshold, seed, runs)
        .quantile(file.power());
  }

  private List<String> rollbacks() {
    return file.guards().stream()
        .filter(guard -> guard.then() == Then.ROLLBACK)
        .map(guard -> guard.metric().text())
        .toList();
  }

  private double threshold(Guard guard) {
    int candidates = file.candidates().size();
    if (guard.then() == Then.ROLLBACK) {
      return ErrorBudget.of(file.alpha(), rollbacks(), candidates).threshold(guard.metric().text());
    }
    List<String> flags =
        file.guards().stream()
            .filter(each -> each.then() != Then.ROLLBACK)
            .map(each -> each.metric().text())
            .toList();
    return ErrorBudget.of(SIGNAL, 0, flags, candidates).threshold(guard.metric().text());
  }

  private PlannedGuard guard(Guard guard, double share, double part) {
    Expectation what = expectation(guard.metric().text());
    return guard.metric().quantile() == 0
        ? rate(guard, what, share, part)
        : quantile(guard, what, share, part);
  }

  private PlannedGuard rate(Guard guard, Expectation what, double share, double part) {
    String metric = guard.metric().text();
    double observed = metric.equals("feedback") ? rated : 1;
    double margin =
        guard.margin() == 0 ? 1 : Stratum.marginOfPoints(what.baseline(), guard.margin());
    String finds = PlanText.percent(what.baseline()) + " → " + PlanText.percent(what.effect());
    double scale = part * observed;
    Double notWorse = guard.notWorse();
    double users =
        notWorse == null
            ? Double.NaN
            : PromotionPlan.rate(share, what.baseline(), notWorse, SIGNAL, file.power());
    String shown = notWorse == null ? "" : "not " + PlanText.points(notWorse) + " worse";
    double allowed = margin * what.baseline();
    if (what.effect() <= allowed || what.effect() - what.baseline() < guard.atLeast()) {
      return new PlannedGuard(
          metric,
          then(guard),
          finds + ": allowed",
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          shown,
          traffic.requestsFor(users / scale),
          users / scale);
    }
    // A guard that looks both ways bets half on either side.
    double threshold = threshold(guard) + (guard.twoSided() ? Math.log(2) : 0);
    DetectionTimes times =
        metric.equals("feedback") || metric.equals("cache.hit")
            ? DetectionTimes.outcome(share, what.baseline(), what.effect(), threshold, seed, runs)
            : DetectionTimes.rate(
                share,
                what.baseline(),
                what.effect(),
                margin,
                guard.atLeast(),
                threshold,
                seed,
                runs);
    return new PlannedGuard(
        metric,
        then(guard),
        finds,
        times.limit() / scale,
        times.mean() / scale,
        times.quantile(0.5) / scale,
        times.quantile(file.power()) / scale,
        shown,
        traffic.requestsFor(users / scale),
        users / scale);
  }

  private PlannedGuard quantile(Guard guard, Expectation what, double share, double part) {
    String metric = guard.metric().text();
    double q = guard.metric().quantile();
    double margin = 1 + guard.margin();
    String finds =
        "×" + PlanText.number(what.effect()) + ", ×" + PlanText.number(margin) + " allowed";
    Double notWorse = guard.notWorse();
    double users =
        notWorse == null
            ? Double.NaN
            : PromotionPlan.quantile(share, q, what.baseline(), 1 + notWorse, SIGNAL, file.power());
    String shown = notWorse == null ? "" : "not " + PlanText.percent(notWorse) + " more";
    if (what.effect() <= margin) {
      return new PlannedGuard(
          metric,
          then(guard),
          finds,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          shown,
          traffic.requestsFor(users / part),
          users / part);
    }
    DetectionTimes times =
        DetectionTimes.quantile(
            share,
            q,
            what.baseline(),
            what.effect(),
            margin,
            Expectation.latency(metric),
            threshold(guard),
            seed,
            runs);
    return new PlannedGuard(
        metric,
        then(guard),
        finds,
        traffic.requestsFor(times.limit() / part),
        traffic.requestsFor(times.mean() / part),
        traffic.requestsFor(times.quantile(0.5) / part),
        traffic.requestsFor(times.quantile(file.power()) / part),
        shown,
        traffic.requestsFor(users / part),
        users / part);
  }

  private static String then(Guard guard) {
    return guard.then().name().toLowerCase(Locale.ROOT);
  }
}
