package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One rule that a candidate must not break.
 *
 * @param margin how much worse the candidate must be for the guard to fire: a ratio for quantiles
 *     (0.2 is 20 %), for rates points of probability ({@code 0.005} is 0.5pp)
 * @param twoSided true where better alarms as well as worse ({@code differentBy})
 * @param atLeast the observed difference that is needed besides, in points of probability; rates
 *     only
 * @param notWorse what the promotion gate must show, in the unit of the margin; null: it asks for
 *     no alarm only
 */
public record Guard(
    Metric metric,
    double margin,
    boolean twoSided,
    double atLeast,
    Then then,
    @Nullable Double notWorse) {
  /** The guards of a file that names none. */
  public static final List<Guard> DEFAULTS =
      List.of(
          new Guard(Metric.LATENCY_P50, 0.2, false, 0, Then.ROLLBACK, 0.2),
          new Guard(Metric.LATENCY_P95, 0.2, false, 0, Then.ROLLBACK, 0.2),
          new Guard(Metric.ERROR_RATE, 0, false, 0.005, Then.ROLLBACK, 0.01),
          new Guard(Metric.FEEDBACK, 0, false, 0.02, Then.ROLLBACK, null),
          new Guard(Metric.CACHE_HIT, 0, false, 0.05, Then.ROLLBACK, null),
          new Guard(Metric.TOKENS, 0.5, false, 0, Then.FLAG, null),
          new Guard(Metric.REFUSAL_RATE, 0, true, 0, Then.INVESTIGATE, null));

  public Guard {
    String name = twoSided ? "differentBy" : "worseBy";
    double most = metric.kind() == Metric.Kind.RATE ? 0.5 : 10;
    if (!(margin >= 0 && margin <= most)) {
      throw new InvalidField(name, margin, "must lie between 0 and " + most);
    }
    if (twoSided && metric != Metric.REFUSAL_RATE) {
      throw new InvalidField(
          name, margin, "is for refusal.rate; " + metric.text() + " takes worseBy");
    }
    boolean conditional = metric == Metric.FEEDBACK || metric == Metric.CACHE_HIT;
    if (conditional && margin != 0) {
      throw new InvalidField(
          "worseBy", margin, "must be 0 for " + metric.text() + ": atLeast takes points");
    }
    if (twoSided && margin != 0) {
      throw new InvalidField("differentBy", margin, "must be 0: atLeast takes points");
    }
    if (conditional && notWorse != null) {
      throw new InvalidField(
          "notWorse", notWorse, "is for rates of errors and quantiles, not for " + metric.text());
    }
    if (twoSided && then == Then.ROLLBACK) {
      throw new InvalidField("then", "rollback", "a guard with differentBy flags or investigates");
    }
    if (!(atLeast >= 0 && atLeast < 1)) {
      throw new InvalidField("atLeast", atLeast, "must lie between 0pp and 100pp");
    }
    if (atLeast > 0 && metric.kind() != Metric.Kind.RATE) {
      throw new InvalidField("atLeast", atLeast, "is for rates only");
    }
    if (notWorse != null && !(notWorse > 0 && notWorse <= most)) {
      throw new InvalidField(
          "notWorse",
          notWorse,
          "must be greater than 0 and at most "
              + (metric.kind() == Metric.Kind.RATE ? "50pp" : "1000%"));
    }
  }
}
