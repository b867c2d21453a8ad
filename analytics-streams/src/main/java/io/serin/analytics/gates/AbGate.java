package io.serin.analytics.gates;

import io.serin.rollout.AbPlan;
import io.serin.statistics.comparison.AbTest;
import io.serin.statistics.comparison.StratifiedEffect;
import io.serin.statistics.comparison.UnitSums;
import io.serin.statistics.design.Planning;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * An A/B test of one candidate against control: only the primary metric stops it, at a decision or
 * at the planned size, which control's first units set; the other metrics are told with Holm's
 * p-values. Once it has stopped, what it found stays. The level is shared by the candidates.
 */
record AbGate(AbPlan plan) implements StageGate {
  /** Units of control before the size is planned. */
  private static final int FEWEST = 200;

  private static final double LEAST_RATE = 0.001;

  @Override
  public Progress progress(StageContext in, String candidate) {
    AbState state = in.ab(candidate);
    AbSums sums = in.evidence().sums();
    UnitSums control = sums.control(plan.primary());
    if (state.planned == 0) {
      String why = unplannable(in, candidate, control);
      if (!why.isEmpty()) {
        return Progress.waits("the test cannot be planned: " + why);
      }
      if (control.units() >= FEWEST) {
        state.planned = planned(in, candidate, control);
      }
    }
    if (state.planned == 0) {
      return new Progress(
          false,
          0,
          0,
          (FEWEST - control.units()) / Math.max(0.01, 1 - in.share(candidate)),
          Map.of(),
          "control's first " + FEWEST + " units set the size of the test");
    }
    if (state.decided.isEmpty()) {
      look(in, candidate, state, sums);
    }
    UnitSums own = sums.of(plan.primary(), candidate);
    double share = in.share(candidate);
    double done = Math.min(own.units(), control.units());
    double more =
        state.decided.isEmpty()
            ? Math.max(0, state.planned - done) / Math.min(share, 1 - share)
            : 0;
    return new Progress(
        state.better,
        state.logE,
        -Math.log(level(in)),
        more,
        evidence(state, done),
        state.decided.isEmpty()
            ? String.format(
                Locale.ROOT,
                "%s of %s: %s, p = %.4f; %.0f of %,d planned units",
                plan.primary().text(),
                candidate,
                state.effect,
                state.pValue,
                done,
                state.planned)
            : state.decided);
  }

  private static Map<String, Double> evidence(AbState state, double done) {
    Map<String, Double> evidence = new TreeMap<>(state.adjusted);
    evidence.put("unitsOfSmallerArm", done);
    evidence.put("plannedUnitsOfSmallerArm", (double) state.planned);
    evidence.put("p", state.pValue);
    return evidence;
  }

  private double level(StageContext in) {
    return plan.level() / in.file().candidates().size();
  }

  private void look(StageContext in, String candidate, AbState state, AbSums sums) {
    Map<String, List<StratifiedEffect.Stage>> metrics = new LinkedHashMap<>();
    for (AbPlan.Primary metric : AbPlan.Primary.values()) {
      UnitSums own = sums.of(metric, candidate);
      UnitSums control = sums.control(metric);
      if (metric == plan.primary() || (own.units() > 1 && control.units() > 1)) {
        metrics.put(metric.text(), List.of(new StratifiedEffect.Stage(own, control)));
      }
    }
    AbTest test = new AbTest(plan.primary().text(), level(in), state.planned);
    test.restore(state.largestLogE);
    AbTest.Look look = test.look(metrics);
    state.largestLogE = new TreeMap<>(test.state());
    AbTest.Reading primary = look.readings().getFirst();
    state.logE = state.largestLogE.getOrDefault(plan.primary().text(), 0.0);
    state.pValue = primary.pValue();
    state.effect = effect(primary.effect().estimate());
    state.adjusted = new TreeMap<>();
    for (AbTest.Reading reading : look.readings().subList(1, look.readings().size())) {
      state.adjusted.put("holm." + reading.metric(), reading.adjusted());
    }
    String found =
        switch (look.decision()) {
          case CONTINUE -> "";
          case LOWER -> "it is better";
          case HIGHER -> "it is worse";
          case UNDECIDED -> "the planned size shows no difference";
        };
    if (!found.isEmpty()) {
      state.better = look.decision() == AbTest.Decision.LOWER;
      state.decided =
          String.format(
              Locale.ROOT,
              "%s of %s: %s, p = %.4f after %,d of %,d planned units: %s",
              plan.primary().text(),
              candidate,
              state.effect,
              state.pValue,
              primary.effect().units(),
              state.planned,
              found);
    }
  }

  private String effect(double estimate) {
    return plan.primary().rate()
        ? String.format(Locale.ROOT, "%+.2f points", estimate * 100)
        : String.format(Locale.ROOT, "%+.1f %%", Math.expm1(estimate) * 100);
  }

  /** Why no size can be planned, as a clause; empty if one can, now or with more units. */
  private String unplannable(StageContext in, String candidate, UnitSums control) {
    double share = in.share(candidate);
    if (!(level(in) < in.file().power())) {
      return "its level is not below its power";
    }
    if (!(share > 0 && share < 1)) {
      return "control or " + candidate + " gets no units";
    }
    long asked = in.evidence().errors(candidate).totals().controlUnits();
    if (asked >= FEWEST && control.units() < asked / 2) {
      return String.format(
          Locale.ROOT,
          "only %,d of control's %,d units have a %s; the others failed",
          control.units(),
          asked,
          plan.primary().text());
    }
    double rate = control.units() == 0 ? 0 : control.ratio();
    return plan.primary().rate() && control.units() >= FEWEST && rate + plan.mde() > 1
        ? String.format(
            Locale.ROOT,
            "%s of control is %.1f %%, so %.1f points more cannot be seen",
            plan.primary().text(),
            rate * 100,
            plan.mde() * 100)
        : "";
  }

  /** Units of the smaller arm. */
  private long planned(StageContext in, String candidate, UnitSums control) {
    double share = in.share(candidate);
    Planning planning = new Planning(level(in), in.file().power(), share, 1, 0, 0, true);
    double mean = control.ratio();
    Planning.Size size;
    if (plan.primary().rate()) {
      double rate = Math.max(mean, LEAST_RATE);
      size = planning.proportions(rate, Math.min(1, rate + plan.mde()));
    } else {
      double deviation = Math.sqrt(Math.max(1e-6, control.ss() / control.units() - mean * mean));
      size = planning.means(Math.log1p(plan.mde()), deviation, deviation);
    }
    return (long) Math.ceil(size.requests() * Math.min(share, 1 - share));
  }
}
