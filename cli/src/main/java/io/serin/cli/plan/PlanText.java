package io.serin.cli.plan;

import io.serin.cli.plan.PlannedStage.PlannedGuard;
import io.serin.report.Numbers;
import io.serin.report.TextTable;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Plans as a person reads them. */
final class PlanText {
  private static final double HOURS = 24;
  private static final double MINUTES = 60;

  private PlanText() {}

  static String canary(RolloutPlanner planner, List<PlannedStage> stages) {
    StringBuilder text = new StringBuilder();
    String found = Numbers.percent(planner.file().power()) + " by";
    text.append(
        String.format(
            Locale.ROOT,
            "%s: %s; alpha %s, power %s%n",
            planner.file().rollout(),
            traffic(planner.traffic()),
            Numbers.number(planner.file().alpha()),
            Numbers.number(planner.file().power())));
    text.append("expected (change it with --expect): ").append(expected(planner, stages));
    for (PlannedStage stage : stages) {
      text.append(
          String.format(
              Locale.ROOT,
              "%n%nstage %s: %s has %s of the units that it shares with control%s%n",
              stage.name(),
              stage.candidate(),
              Numbers.percent(stage.share()),
              lasts(stage)));
      TextTable guards =
          TextTable.of(
              "guard",
              "then",
              "is found, in requests",
              ">half by",
              ">" + found,
              ">",
              "identical candidate passes the gate, " + found);
      stage.guards().forEach(guard -> row(guards, planner.traffic(), guard));
      text.append(guards.text("  "));
      text.append(
          String.format(
              "  at least %s requests%s: by then a threefold error rate is found in %s of runs",
              requests(stage.least()),
              time(planner.traffic().days(stage.least())),
              Numbers.percent(planner.file().power())));
    }
    return text.append(System.lineSeparator())
        .append(System.lineSeparator())
        .append(sentence(planner, stages))
        .toString();
  }

  private static void row(TextTable guards, ExpectedTraffic traffic, PlannedGuard guard) {
    String gate =
        guard.notWorse().isEmpty()
            ? "–"
            : requests(guard.pass()) + time(traffic.days(guard.pass())) + "  " + guard.notWorse();
    guards.row(
        guard.metric(),
        guard.then(),
        guard.finds(),
        requests(guard.half()),
        requests(guard.most()),
        duration(traffic.days(guard.most())),
        gate);
  }

  /** The answer in one sentence, for the first stage's slowest rollback guard. */
  static String sentence(RolloutPlanner planner, List<PlannedStage> stages) {
    if (stages.isEmpty()) {
      return "No stage serves a candidate: there is nothing to plan.";
    }
    PlannedStage stage = stages.getFirst();
    ExpectedTraffic traffic = planner.traffic();
    Optional<PlannedGuard> slowest =
        stage.guards().stream()
            .filter(g -> g.then().equals("rollback") && Double.isFinite(g.most()))
            .max(Comparator.comparingDouble(PlannedGuard::most));
    PlannedStage before =
        stages.stream().filter(s -> !s.flip()).reduce((one, next) -> next).orElse(stage);
    Optional<PlannedGuard> gate =
        before.guards().stream()
            .filter(g -> !Double.isNaN(g.pass()))
            .max(Comparator.comparingDouble(PlannedGuard::pass));
    String finds =
        slowest
            .map(
                g ->
                    String.format(
                        "In stage %s, %s %s is rolled back after about %s requests%s in half of runs, in %s of runs within %s%s",
                        stage.name(),
                        g.metric(),
                        g.finds(),
                        requests(g.half()),
                        time(traffic.days(g.half())),
                        Numbers.percent(planner.file().power()),
                        requests(g.most()),
                        time(traffic.days(g.most()))))
            .orElse("In stage " + stage.name() + " no guard rolls back what is expected");
    String passes =
        gate.map(
                g ->
                    String.format(
                        "; in stage %s an identical candidate passes the promotion gate within %s requests%s in %s of runs.",
                        before.name(),
                        requests(g.pass()),
                        time(traffic.days(g.pass())),
                        Numbers.percent(planner.file().power())))
            .orElse("; no guard says notWorse, so a person promotes.");
    return finds + passes + promoted(planner) + tooShort(traffic, stages);
  }

  /** The number that the controller announces, for the candidate that needs most. */
  private static String promoted(RolloutPlanner planner) {
    double most =
        planner.file().candidates().stream()
            .mapToDouble(each -> planner.promotion(each.name()))
            .max()
            .orElse(0);
    return most == 0 || Double.isInfinite(most) || planner.file().stages().getLast().until() == null
        ? ""
        : String.format(
            " All stages together ask for about %s new units until promotion%s.",
            requests(most), time(planner.traffic().days(planner.traffic().requestsFor(most))));
  }

  private static String tooShort(ExpectedTraffic traffic, List<PlannedStage> stages) {
    String names =
        stages.stream()
            .filter(s -> s.requests() < s.least())
            .map(PlannedStage::name)
            .collect(Collectors.joining(", "));
    String few =
        traffic.users() > 0
                && stages.stream()
                    .flatMap(s -> s.guards().stream())
                    .anyMatch(g -> !Double.isNaN(g.pass()) && g.users() >= traffic.users())
            ? String.format(
                Locale.ROOT,
                " %,d users are too few for the gate of some stage alone: it adds up over stages.",
                traffic.users())
            : "";
    return (names.isEmpty() ? "" : " Too short for the least a stage needs: " + names + ".") + few;
  }

  static String ab(
      List<AbTestSize> plans, ExpectedTraffic traffic, double alpha, double power, double share) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "A/B test: %s; candidate at %s, alpha %s two-sided, power %s%n%n",
            traffic(traffic),
            Numbers.percent(share),
            Numbers.number(alpha),
            Numbers.number(power)));
    TextTable table =
        TextTable.of(
            "metric",
            "to tell apart",
            ">one look",
            ">candidate's",
            ">",
            ">any time",
            ">",
            ">users");
    for (AbTestSize plan : plans) {
      table.row(
          plan.metric(),
          plan.what(),
          requests(plan.once().requests()),
          requests(plan.once().candidateRequests()),
          duration(traffic.days(plan.once().requests())),
          requests(plan.always().requests()),
          duration(traffic.days(plan.always().requests())),
          requests(plan.once().units()));
    }
    text.append(table.text(""));
    AbTestSize first = plans.getFirst();
    return text.append(
            String.format(
                Locale.ROOT,
                "%nTo tell %s %s apart you need %s requests of %s users if you look once at the end, "
                    + "%s if you look whenever you like; returning users multiply that by %s, which is in it.",
                first.metric(),
                first.what(),
                requests(first.once().requests()),
                requests(first.once().units()),
                requests(first.always().requests()),
                Numbers.number(Math.round(100 * first.once().designEffect()) / 100.0)))
        .toString();
  }

  private static String expected(RolloutPlanner planner, List<PlannedStage> stages) {
    return stages.stream()
        .flatMap(stage -> stage.guards().stream())
        .map(PlannedGuard::metric)
        .distinct()
        .map(metric -> metric + " " + words(metric, planner.expectation(metric)))
        .collect(Collectors.joining(", "));
  }

  private static String words(String metric, ExpectedEffect what) {
    return ExpectedEffect.quantile(metric)
        ? "σ " + Numbers.number(what.baseline()) + " ×" + Numbers.number(what.effect())
        : Numbers.percent(what.baseline()) + " → " + Numbers.percent(what.effect());
  }

  private static String traffic(ExpectedTraffic traffic) {
    String rate =
        traffic.requestsPerDay() == 0
            ? "traffic not said (--requests-per-day)"
            : String.format(Locale.ROOT, "%,.0f requests a day", traffic.requestsPerDay());
    return rate
        + (traffic.users() == 0
            ? ", each of a new user"
            : String.format(Locale.ROOT, " of %,d users", traffic.users()));
  }

  private static String lasts(PlannedStage stage) {
    if (Double.isNaN(stage.days())) {
      return ", until a person decides";
    }
    return ", "
        + duration(stage.days())
        + (Double.isNaN(stage.requests()) ? "" : ", " + requests(stage.requests()) + " requests");
  }

  private static String time(double days) {
    return Double.isNaN(days) || Double.isInfinite(days) ? "" : " (" + duration(days) + ")";
  }

  /** Rounded to three digits: no plan is more exact than that. */
  static String requests(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    if (Double.isInfinite(value)) {
      return "never";
    }
    double scale = Math.pow(10, Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 2));
    return String.format(Locale.ROOT, "%,.0f", Math.ceil(value / scale - 1e-9) * scale);
  }

  static String duration(double days) {
    if (Double.isNaN(days) || Double.isInfinite(days)) {
      return "";
    }
    for (Map.Entry<String, Double> unit :
        List.of(
            Map.entry("d", 1.0),
            Map.entry("h", 1 / HOURS),
            Map.entry("min", 1 / HOURS / MINUTES))) {
      double value = days / unit.getValue();
      if (value >= (unit.getKey().equals("d") ? 2 : 1) || unit.getKey().equals("min")) {
        return Numbers.number(value >= 10 ? Math.rint(value) : Math.rint(10 * value) / 10)
            + " "
            + unit.getKey();
      }
    }
    return "";
  }
}
