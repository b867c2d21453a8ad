package io.serin.analytics.measure;

import java.math.BigDecimal;

/**
 * All that is known of one variant in one window. Immutable; {@link #plus} is exactly associative
 * and commutative, with {@link #NONE} as its neutral element, so that neither the order of arrival
 * nor the number of partitions changes a figure.
 *
 * @param stageName of the stage; empty where only feedback was seen
 * @param totals by name of {@link Total}
 * @param outcomes attempts by name of Outcome
 * @param clientOutcomes requests by name of Outcome
 * @param finishReasons attempts by finish reason, bounded to the known ones and "other"
 * @param whys requests by name of Why
 * @param feedbackSum exact: a sum of doubles would depend on its order. Without trailing zeros
 * @param ttft microseconds
 * @param duration microseconds
 * @param tokens completion tokens
 */
public record Aggregate(
    String stageName,
    Tally totals,
    Tally outcomes,
    Tally clientOutcomes,
    Tally finishReasons,
    Tally whys,
    BigDecimal feedbackSum,
    Distribution ttft,
    Distribution duration,
    Distribution tokens) {

  /** Nothing yet. */
  public static final Aggregate NONE =
      new Aggregate(
          "",
          Tally.NONE,
          Tally.NONE,
          Tally.NONE,
          Tally.NONE,
          Tally.NONE,
          BigDecimal.ZERO,
          Distribution.NO_TIMES,
          Distribution.NO_TIMES,
          Distribution.NO_TOKENS);

  public Aggregate {
    feedbackSum = feedbackSum.signum() == 0 ? BigDecimal.ZERO : feedbackSum.stripTrailingZeros();
  }

  public Aggregate plus(Aggregate other) {
    return new Aggregate(
        stageName.compareTo(other.stageName) >= 0 ? stageName : other.stageName,
        totals.plus(other.totals),
        outcomes.plus(other.outcomes),
        clientOutcomes.plus(other.clientOutcomes),
        finishReasons.plus(other.finishReasons),
        whys.plus(other.whys),
        feedbackSum.add(other.feedbackSum),
        ttft.plus(other.ttft),
        duration.plus(other.duration),
        tokens.plus(other.tokens));
  }

  public long total(Total total) {
    return totals.get(total.name());
  }
}
