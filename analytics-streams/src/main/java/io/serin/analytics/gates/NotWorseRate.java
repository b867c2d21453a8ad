package io.serin.analytics.gates;

import io.serin.analytics.observation.Observation;
import io.serin.rollout.plan.Forecast;
import io.serin.statistics.design.BetGrowth;
import io.serin.statistics.sequential.PromotionGate;

/** A rate, on each unit's first request of a stage, by {@link PromotionGate}. */
final class NotWorseRate implements NotWorse {
  private final String metric;
  private final double margin;
  private final FirstOutcomes outcomes;

  /**
   * @param outcomes counted by their owner
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
  public void observe(Observation observation) {
    // The outcomes are counted once for all that read them.
  }

  @Override
  public double logE() {
    PromotionGate gate = new PromotionGate(margin);
    outcomes
        .strata()
        .forEach(
            (stratum, counts) ->
                gate.add(stratum.stratum(), counts[0], counts[1], counts[2] + counts[3]));
    return gate.logE();
  }

  @Override
  public long units() {
    return outcomes.totals().units();
  }

  @Override
  public BetGrowth growth(double share) {
    return Forecast.notWorseRate(share, outcomes.totals().controlRate(), margin);
  }
}
