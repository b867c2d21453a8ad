package io.serin.worker;

/**
 * What calls of models took. Immutable; adds up.
 *
 * @param calls retries and control included
 * @param cost in the currency of the plan's prices; 0 for variants without a price
 * @param unpriced calls of variants without a price
 */
record Used(long calls, long promptTokens, long completionTokens, double cost, long unpriced) {
  static final Used NOTHING = new Used(0, 0, 0, 0, 0);

  Used plus(Used other) {
    return new Used(
        calls + other.calls,
        promptTokens + other.promptTokens,
        completionTokens + other.completionTokens,
        cost + other.cost,
        unpriced + other.unpriced);
  }

  Used minus(Used other) {
    return new Used(
        calls - other.calls,
        promptTokens - other.promptTokens,
        completionTokens - other.completionTokens,
        cost - other.cost,
        unpriced - other.unpriced);
  }

  long tokens() {
    return promptTokens + completionTokens;
  }
}
