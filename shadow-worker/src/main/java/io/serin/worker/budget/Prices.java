package io.serin.worker.budget;

import io.serin.schemas.Measurement;
import io.serin.schemas.ShadowBudget;
import io.serin.schemas.ShadowPrice;
import org.jspecify.annotations.Nullable;

/** Pure: what an attempt took, at the plan's prices. Tokens that the model did not tell are 0. */
public final class Prices {
  private static final double MILLION = 1e6;

  private Prices() {}

  public static Spend of(String variant, Measurement attempt, @Nullable ShadowBudget budget) {
    long prompt = orZero(attempt.getPromptTokens());
    long completion = orZero(attempt.getCompletionTokens());
    long cached = Math.min(prompt, orZero(attempt.getCachedTokens()));
    ShadowPrice price = budget == null ? null : budget.getPrices().get(variant);
    if (price == null) {
      return new Spend(1, prompt, completion, 0, 1);
    }
    double ofCached = price.getCached() == null ? price.getPrompt() : price.getCached();
    double cost =
        ((prompt - cached) * price.getPrompt()
                + cached * ofCached
                + completion * price.getCompletion())
            / MILLION;
    return new Spend(1, prompt, completion, cost, 0);
  }

  private static long orZero(@Nullable Long value) {
    return value == null ? 0 : value;
  }
}
