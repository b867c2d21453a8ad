package io.serin.analytics.policy;

import io.serin.statistics.sequential.PromotionGate;

/** A rate, on each unit's first request of a stage, by {@link PromotionGate}. */
final class NotWorseRate implements NotWorse {
  private final String metric;
  private final double margin;
  private final FirstOutcomes outcomes;

  /**
   * @param outcomes counted by whoever owns them
   */
  NotWorseRate(String metric, double margin, FirstOutcomes outcomes) {
    this.metric = metric;
    this.margin = margin;
    this.outcomes = outcomes;
  }

  @Override
  public String metric() {
    return metric;
  }

  @Override
  public void observe(Sight sight) {
    // The outcomes are counted once for all that read them.
  }

  @Override
  public double logE() {
    PromotionGate gate = new PromotionGate(margin);
    outcomes
        .strata()
        .forEach(
            (stratum, counts) ->
                gate.add(Strata.parse(stratum), counts[0], counts[1], counts[2] + counts[3]));
    return gate.logE();
  }

  @Override
  public Plans.Growth growth(double share) {
    return Plans.notWorseRate(share, outcomes.totals().controlRate(), margin);
  }

  @Override
  public double height(double logE) {
    return Plans.notWorseRateHeight(logE);
  }
}
