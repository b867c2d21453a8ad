package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import java.util.Map;

/**
 * Where replaying ends. What is sampled after that is told as skipped; 0 is without limit.
 *
 * @param requests calls of models in the run, retries and control included
 * @param requestsPerHour the same in each hour of the clock, UTC
 * @param tokens prompt and completion tokens in the run
 * @param spend in the currency of the prices
 * @param prices by variant
 */
public record ShadowBudget(
    long requests,
    long requestsPerHour,
    long tokens,
    long tokensPerHour,
    double spend,
    double spendPerHour,
    Map<String, Price> prices) {

  /** No limit, no prices. */
  public static final ShadowBudget NONE = new ShadowBudget(0, 0, 0, 0, 0, 0, Map.of());

  /**
   * What a million tokens cost.
   *
   * @param cached of prompt tokens that the model's cache served
   */
  public record Price(double prompt, double completion, double cached) {
    public Price {
      check("prompt", prompt);
      check("completion", completion);
      check("cached", cached);
    }
  }

  public ShadowBudget {
    prices = Map.copyOf(prices);
    check("requests", (double) requests);
    check("requestsPerHour", (double) requestsPerHour);
    check("tokens", (double) tokens);
    check("tokensPerHour", (double) tokensPerHour);
    check("spend", spend);
    check("spendPerHour", spendPerHour);
    if ((spend > 0 || spendPerHour > 0) && prices.isEmpty()) {
      throw new InvalidField(
          spend > 0 ? "spend" : "spendPerHour",
          spend > 0 ? spend : spendPerHour,
          "needs prices: without them nothing can be counted");
    }
  }

  private static void check(String field, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new InvalidField(field, value, "must be 0 or more");
    }
  }
}
