package io.serin.worker.budget;

/**
 * What calls of models took. Immutable; adds up.
 *
 * @param calls retries and control included
 * @param cost in the currency of the plan's prices; 0 for variants without a price
 * @param unpriced calls of variants without a price
 */
public record Spend(
    long calls, long promptTokens, long completionTokens, double cost, long unpriced) {
  public static final Spend NOTHING = new Spend(0, 0, 0, 0, 0);

  public Spend plus(Spend other) {
    return new Spend(
        calls + other.calls,
        promptTokens + other.promptTokens,
        completionTokens + other.completionTokens,
        cost + other.cost,
        unpriced + other.unpriced);
  }

  public Spend minus(Spend other) {
    return new Spend(
        calls - other.calls,
        promptTokens - other.promptTokens,
        completionTokens - other.completionTokens,
        cost - other.cost,
        unpriced - other.unpriced);
  }

  public long tokens() {
    return promptTokens + completionTokens;
  }
}
