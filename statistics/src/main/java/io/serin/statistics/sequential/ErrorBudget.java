package io.serin.statistics.sequential;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shares one error rate among a run's rollback guards, so that the chance of any false rollback
 * stays below α: errors take .4 of α less the breaker's part, the other guards equal parts, each
 * divided by the number of candidates. The sum over guards and candidates is α at most (union
 * bound); without an error guard the others take all of it.
 *
 * @param alpha chance of any false rollback over the whole run, in (0, 1)
 * @param breaker part of alpha set aside for the routers' breakers, ≥ 0, < alpha
 * @param candidates number of candidates, ≥ 1
 * @param weights guard → its share w of the whole α, for one candidate
 */
public record ErrorBudget(
    double alpha, double breaker, int candidates, Map<String, Double> weights) {
  /** The metric that takes .4. */
  public static final String ERRORS = "error.rate";

  private static final double ERROR_SHARE = 0.4;
  private static final double BREAKER = 0.001;

  public ErrorBudget {
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("alpha: must lie strictly between 0 and 1, not " + alpha);
    }
    if (!(breaker >= 0 && breaker < alpha)) {
      throw new IllegalArgumentException("breaker: must lie in [0, alpha), not " + breaker);
    }
    if (candidates < 1) {
      throw new IllegalArgumentException("candidates: at least 1 is required, not " + candidates);
    }
    weights = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /** Serin's default: .001 of α for the breaker (a tenth of α where α is below .01). */
  public static ErrorBudget of(double alpha, List<String> rollbackGuards, int candidates) {
    return of(alpha, Math.min(BREAKER, alpha / 10), rollbackGuards, candidates);
  }

  public static ErrorBudget of(
      double alpha, double breaker, List<String> rollbackGuards, int candidates) {
    double rest = 1 - breaker / alpha;
    boolean errors = rollbackGuards.contains(ERRORS);
    int others = rollbackGuards.size() - (errors ? 1 : 0);
    double errorShare = errors ? (others == 0 ? 1 : ERROR_SHARE) : 0;
    Map<String, Double> weights = new LinkedHashMap<>();
    for (String guard : rollbackGuards) {
      double share = guard.equals(ERRORS) ? errorShare : (1 - errorShare) / others;
      if (weights.put(guard, share * rest / Math.max(1, candidates)) != null) {
        throw new IllegalArgumentException("guard: named twice: " + guard);
      }
    }
    return new ErrorBudget(alpha, breaker, candidates, weights);
  }

  /** w: the guard's share of α for one candidate. */
  public double weight(String guard) {
    Double weight = weights.get(guard);
    if (weight == null) {
      throw new IllegalArgumentException(
          "guard: " + guard + " has no part of the error budget " + weights.keySet());
    }
    return weight;
  }

  /** ln(1/(α·w)): the guard fires at ln E ≥ this. */
  public double threshold(String guard) {
    return threshold(alpha, weight(guard));
  }

  /** The same share of another level: the signal level .05 freezes a ramp. */
  public double threshold(String guard, double level) {
    return threshold(level, weight(guard));
  }

  private static double threshold(double level, double weight) {
    return -StrictMath.log(level * weight);
  }
}
