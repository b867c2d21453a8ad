package io.serin.statistics.comparison;

import io.serin.statistics.Interval;
import io.serin.statistics.comparison.StratifiedEffect.Stage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An A/B test that may be looked at whenever one likes. Only the primary metric stops it: at a
 * decision, or at the planned size; the others get always-valid p-values, adjusted together by
 * Holm.
 *
 * <p>The sequences are asymptotic (large samples of independent units); while events are few,
 * {@link FewEvents} bounds what they say of proportions. The largest e-value so far is part of the
 * state, so a p-value never rises again. Mutable, not thread-safe.
 */
public final class AbTest {
  /** What the primary metric says. */
  public enum Decision {
    /** Neither decided nor complete. */
    CONTINUE,
    /** The primary metric is higher for the candidate. */
    HIGHER,
    /** The primary metric is lower for the candidate. */
    LOWER,
    /** Complete at the planned size, without a decision. */
    UNDECIDED
  }

  /**
   * One metric at one look.
   *
   * @param effect candidate less control, combined over stages
   * @param interval anytime interval at 1−α
   * @param pValue always-valid: 1 over the largest e-value so far
   * @param adjusted the p-value after Holm over the metrics that are not primary; the primary's is
   *     its own
   * @param tables Mantel–Haenszel figures where the metric is a proportion of units' first
   *     requests; empty otherwise
   * @param effectiveSize requests that independent ones would need
   * @param intraclassCorrelation of a unit's requests
   */
  public record Reading(
      String metric,
      StratifiedEffect effect,
      Interval interval,
      double pValue,
      double adjusted,
      StratifiedTables tables,
      double effectiveSize,
      double intraclassCorrelation) {}

  /** The primary's decision and all readings, the primary first. */
  public record Look(Decision decision, List<Reading> readings) {}

  private final String primary;
  private final double alpha;
  private final long plannedUnits;
  private final Map<String, Double> largestLogE = new LinkedHashMap<>();

  /**
   * @param primary the metric that stops the test
   * @param alpha error level of the primary, and of the others together
   * @param plannedUnits units of the smaller arm at which the test is complete; the sequences are
   *     tightest there
   */
  public AbTest(String primary, double alpha, long plannedUnits) {
    if (!(alpha > 0 && alpha < 1) || plannedUnits < 1) {
      throw new IllegalArgumentException(
          "0 < alpha < 1 and plannedUnits >= 1 are required, not "
              + alpha
              + " and "
              + plannedUnits);
    }
    this.primary = primary;
    this.alpha = alpha;
    this.plannedUnits = plannedUnits;
  }

  /** Largest ln E of each metric so far: the whole state. */
  public Map<String, Double> state() {
    return Map.copyOf(largestLogE);
  }

  /** Takes up a state that {@link #state()} gave. */
  public void restore(Map<String, Double> state) {
    largestLogE.clear();
    largestLogE.putAll(state);
  }

  /** Looks at all metrics. Each is given as the sums of both arms by stage. */
  public Look look(Map<String, List<Stage>> metrics) {
    if (!metrics.containsKey(primary)) {
      throw new IllegalArgumentException(
          "primary: " + primary + " is not among " + metrics.keySet());
    }
    List<String> names = new ArrayList<>(metrics.keySet());
    names.remove(primary);
    double[] p =
        names.stream().mapToDouble(m -> pValue(m, metrics.getOrDefault(m, List.of()))).toArray();
    double[] adjusted = Multiplicity.holm(p);
    double own = pValue(primary, metrics.getOrDefault(primary, List.of()));
    List<Reading> readings = new ArrayList<>();
    readings.add(reading(primary, metrics.getOrDefault(primary, List.of()), own, own));
    for (int i = 0; i < names.size(); i++) {
      readings.add(
          reading(names.get(i), metrics.getOrDefault(names.get(i), List.of()), p[i], adjusted[i]));
    }
    return new Look(decision(readings.getFirst()), List.copyOf(readings));
  }

  private Decision decision(Reading reading) {
    if (reading.pValue <= alpha) {
      return reading.effect.estimate() > 0 ? Decision.HIGHER : Decision.LOWER;
    }
    return reading.effect.units() >= plannedUnits ? Decision.UNDECIDED : Decision.CONTINUE;
  }

  private double pValue(String metric, List<Stage> stages) {
    StratifiedEffect effect = StratifiedEffect.of(stages);
    // Before the central limit theorem holds, an e-value of it is not one.
    double logE = effect.units() < 100 ? 0 : effect.logE(alpha, (double) plannedUnits);
    if (logE > 0 && stages.stream().allMatch(AbTest::binary) && FewEvents.in(stages)) {
      logE = Math.min(logE, FewEvents.logE(stages));
    }
    return Math.min(1, Math.exp(-largestLogE.merge(metric, Math.max(0, logE), Math::max)));
  }

  private Reading reading(String metric, List<Stage> stages, double p, double adjusted) {
    StratifiedEffect effect = StratifiedEffect.of(stages);
    UnitSums all = UnitSums.NONE;
    List<StratifiedTables.Table> tables = new ArrayList<>();
    for (Stage stage : stages) {
      all = all.merge(stage.candidate()).merge(stage.control());
      if (binary(stage)) {
        tables.add(
            new StratifiedTables.Table(
                stage.candidate().s(),
                stage.candidate().n(),
                stage.control().s(),
                stage.control().n()));
      }
    }
    return new Reading(
        metric,
        effect,
        effect.mixtureInterval(alpha, (double) plannedUnits),
        p,
        adjusted,
        new StratifiedTables(tables.size() == stages.size() ? tables : List.of()),
        all.effectiveSize(),
        all.intraclassCorrelation());
  }

  private static boolean binary(Stage stage) {
    return binary(stage.candidate()) && binary(stage.control());
  }

  /** One 0/1 outcome a unit. */
  private static boolean binary(UnitSums sums) {
    return sums.n() == sums.units() && sums.ss() == sums.s() && sums.s() <= sums.n();
  }
}
