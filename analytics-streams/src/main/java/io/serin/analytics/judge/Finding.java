package io.serin.analytics.judge;

import io.serin.rollout.Guard;
import io.serin.schemas.Decision;
import io.serin.statistics.Logs;
import io.serin.statistics.sequential.MixtureState;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a guard finds about one candidate, and all it found it from.
 *
 * @param logE natural logarithm of the e-value that may do what the guard says
 * @param level what it is held against
 * @param units analysed
 * @param events of the guard's own kind: failures, refusals, exceedances, thumbs down, misses
 * @param difference stratified observed difference candidate − control; null where an arm is
 *     missing
 * @param interval at 95 %, valid at every look: of the difference for rates, of candidate's
 *     quantile over control's for the others
 * @param strata events by stratum
 * @param unitStrata analysed units by stratum
 * @param sampleRatioLogE natural logarithm of the e-value that they are not split as ordered
 * @param enough whether the rules beside the test hold: fewest events, least observed difference
 * @param brokenSplit whether the sample ratio forbids firing
 * @param applicable false where control has produced nothing to compare with
 * @param firstBadAt event time of the candidate's first event; 0 if none
 * @param processes e-processes behind logE and the flag
 * @param thresholds in force at the end of what was seen
 * @param flag evidence that may only flag; null if none
 * @param text one sentence for a person, without the decision
 */
public record Finding(
    String candidate,
    Guard guard,
    double logE,
    Level level,
    Arms units,
    Arms events,
    @Nullable Double difference,
    @Nullable Double candidateEstimate,
    @Nullable Double controlEstimate,
    Range interval,
    List<Counts> strata,
    List<Counts> unitStrata,
    double sampleRatioLogE,
    boolean enough,
    boolean brokenSplit,
    boolean applicable,
    long firstBadAt,
    List<EProcess> processes,
    List<Threshold> thresholds,
    @Nullable Flag flag,
    Map<String, Double> evidence,
    String text) {

  /**
   * The heights that one guard's log e-value is held against.
   *
   * @param fire ln(1/(α·w))
   * @param signal where the ramp freezes; equal to fire where the guard does not roll back
   * @param resume below it a frozen ramp continues: a quarter of the evidence, so that a guard at
   *     the signal level does not freeze and resume with every event
   * @param alpha the level that weight is a part of
   */
  public record Level(double fire, double signal, double resume, double alpha, double weight) {
    private static final double QUARTER = StrictMath.log(4);

    static Level of(double fire, double signal, double alpha, double weight) {
      return new Level(fire, signal, signal - QUARTER, alpha, weight);
    }

    /** Whether the ramp freezes before the guard fires. */
    public boolean freezes() {
      return signal < fire;
    }
  }

  /** One number for each arm. */
  public record Arms(long candidate, long control) {}

  /** Units or events of one stratum. */
  public record Counts(
      String stratum, double labelProbability, double margin, long candidate, long control) {
    static Counts of(io.serin.statistics.sequential.Stratum stratum, long candidate, long control) {
      return new Counts(
          stratum.name(), stratum.probability(), stratum.margin(), candidate, control);
    }
  }

  /** Ends of an interval; null where it is open. */
  public record Range(@Nullable Double low, @Nullable Double high) {
    static final Range OPEN = new Range(null, null);

    static Range of(io.serin.statistics.Interval interval) {
      return new Range(finite(interval.low()), finite(interval.high()));
    }

    private static @Nullable Double finite(double value) {
      return Double.isFinite(value) ? Double.valueOf(value) : null;
    }
  }

  /**
   * One e-process.
   *
   * @param share its part of the guard's wealth; 0 where it may only flag
   */
  public record EProcess(String name, double share, MixtureState mixture, List<Counts> counts) {
    public EProcess {
      counts = List.copyOf(counts);
    }

    public double logE() {
      return mixture.logE();
    }
  }

  /**
   * A version of a threshold.
   *
   * @param from milliseconds since the epoch
   */
  public record Threshold(
      int number, boolean streamed, long from, double quantile, double value, long units) {}

  /** Evidence that may only flag, and where it does. */
  public record Flag(double logE, double threshold, boolean enough) {
    boolean fires() {
      return logE >= threshold && enough;
    }
  }

  public Finding {
    strata = List.copyOf(strata);
    unitStrata = List.copyOf(unitStrata);
    processes = List.copyOf(processes);
    thresholds = List.copyOf(thresholds);
    evidence = Collections.unmodifiableMap(new TreeMap<>(evidence));
  }

  /** ln(1/(α·w)): the guard fires at logE ≥ threshold. */
  public double threshold() {
    return level.fire();
  }

  /** ln of the wealth of processes that hold these shares. */
  public static double wealth(List<EProcess> processes) {
    return Logs.sum(
        processes.stream()
            .filter(process -> process.share > 0)
            .mapToDouble(process -> StrictMath.log(process.share) + process.logE())
            .toArray());
  }

  /** What follows after nothing was decided before. */
  public Decision decision() {
    return decision(Decision.CONTINUE);
  }

  /**
   * What follows.
   *
   * @param before what the guard decided last: a frozen ramp continues only below the lower level
   */
  public Decision decision(Decision before) {
    if (!applicable) {
      return Decision.NOT_APPLICABLE;
    }
    boolean fires = logE >= level.fire() && enough;
    boolean flags = flag != null && flag.fires();
    if ((fires || flags) && brokenSplit) {
      return Decision.HOLD;
    }
    if (fires) {
      return switch (guard.then()) {
        case ROLLBACK -> Decision.ROLLBACK;
        case FLAG -> Decision.FLAG;
        case INVESTIGATE -> Decision.INVESTIGATE;
      };
    }
    double freeze = before == Decision.FREEZE ? level.resume() : level.signal();
    if (logE >= freeze && level.freezes()) {
      return Decision.FREEZE;
    }
    return flags ? Decision.FLAG : Decision.CONTINUE;
  }
}
