package io.serin.analytics.policy;

import io.serin.analytics.rollout.Guard;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a guard finds about one candidate, and all it found it from.
 *
 * @param logE natural logarithm of the e-value
 * @param threshold the guard fires at logE ≥ threshold
 * @param signal at logE ≥ signal the ramp freezes; equal to threshold where the guard does not roll
 *     back
 * @param alpha the error level that weight is a part of
 * @param units analysed
 * @param events of the guard's own kind: failures, refusals, exceedances
 * @param difference stratified observed difference candidate − control; null where an arm is
 *     missing
 * @param enough whether the rules beside the test hold: fewest events, least observed difference
 * @param brokenSplit whether the sample ratio of the analysed units forbids firing
 * @param firstBadAt event time of the candidate's first event; 0 where there is none
 * @param text one sentence for a person, without the decision
 */
public record Finding(
    String candidate,
    Guard guard,
    double logE,
    double threshold,
    double signal,
    double alpha,
    double weight,
    Arms units,
    Arms events,
    @Nullable Double difference,
    @Nullable Double candidateEstimate,
    @Nullable Double controlEstimate,
    List<Counts> strata,
    boolean enough,
    boolean brokenSplit,
    long firstBadAt,
    Map<String, Double> evidence,
    String text) {

  /** One number for each arm. */
  public record Arms(long candidate, long control) {}

  /** Events of one stratum. */
  public record Counts(String stratum, double labelProbability, long candidate, long control) {}

  public Finding {
    strata = List.copyOf(strata);
    evidence = java.util.Collections.unmodifiableMap(new TreeMap<>(evidence));
  }

  /** What follows. */
  public Decision decision() {
    boolean fires = logE >= threshold && enough;
    if (fires && brokenSplit) {
      return Decision.HOLD;
    }
    if (fires) {
      return switch (guard.then()) {
        case ROLLBACK -> Decision.ROLLBACK;
        case FLAG -> Decision.FLAG;
        case INVESTIGATE -> Decision.INVESTIGATE;
      };
    }
    return logE >= signal && signal < threshold ? Decision.FREEZE : Decision.CONTINUE;
  }
}
