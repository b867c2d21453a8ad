package io.serin.analytics.gates;

import io.serin.analytics.judge.Cells;
import io.serin.analytics.judge.Exceedances;
import io.serin.analytics.judge.Strata;
import io.serin.analytics.judge.StratumId;
import io.serin.analytics.judge.Thresholds;
import io.serin.analytics.observation.Measure;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Guard;
import io.serin.rollout.Variant;
import io.serin.rollout.plan.Forecast;
import io.serin.statistics.design.BetGrowth;
import io.serin.statistics.sequential.ExceedanceDesign;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A quantile, on each unit's first request of a stage, by the exceedance bet reversed: the
 * candidate's values, divided by 1 + notWorse, exceed thresholds read from control less often than
 * control's do.
 *
 * <p>A client that leaves first hides the value. With patience T, the same in both arms, a value
 * counts where it exceeds the threshold c or T: the candidate's with probability P(D₁ > min((1+m)c,
 * T)), control's with P(D₀ > min(c, T)). Where D₁ is (1+m)·D₀ or slower the former is the greater,
 * whatever the joint law of D₀ and T: the chance of a false promotion stays as stated. To leave
 * these values out would not: for c < T < (1+m)c it drops the candidate's slow answers alone.
 */
final class NotWorseQuantile implements NotWorse {
  private static final int FEWEST = 100;

  private final Guard guard;
  private final double margin;
  private final String candidate;
  private final Measure measure;
  private final Thresholds thresholds;
  private final Exceedances bet;
  private Thresholds.@Nullable Version newest;

  NotWorseQuantile(
      Guard guard,
      Measure measure,
      double margin,
      String candidate,
      Thresholds thresholds,
      Cells cells) {
    this.guard = guard;
    this.margin = margin;
    this.candidate = candidate;
    this.measure = measure;
    this.thresholds = thresholds;
    this.bet =
        new Exceedances(
            ExceedanceDesign.notSlower(),
            cells,
            Cells.owner("notworse", guard.metric().text(), candidate));
  }

  @Override
  public String metric() {
    return guard.metric().text();
  }

  @Override
  public void observe(Observation observation) {
    StratumId stratum = observation.first() ? Strata.of(observation, candidate) : null;
    Double value = stratum == null ? null : measure.value(observation);
    Thresholds.Version known = value == null ? null : thresholds.of(observation);
    if (stratum == null || value == null || known == null) {
      return;
    }
    newest = known;
    boolean ofCandidate = !observation.variant().equals(Variant.CONTROL);
    // A client that leaves before the threshold counts as one that waited longer, in both arms: a
    // shorter wait would have kept it.
    boolean over =
        measure.censored(observation)
            || value / (ofCandidate ? 1 + margin : 1) > known.quantile(guard.metric().quantile());
    bet.add(Strata.window(observation), known.number(), stratum, ofCandidate, over);
  }

  @Override
  public double logE() {
    return bet.logE();
  }

  @Override
  public BetGrowth growth(double share) {
    long[] sums = bet.sums();
    double control = rate(sums[2], sums[3], 1 - guard.metric().quantile());
    Thresholds.Version known = newest;
    double candidate =
        known == null || known.control().count() == 0
            ? rate(sums[0], sums[1], control)
            : control * beyond(known);
    return Forecast.notWorseQuantile(share, candidate, control);
  }

  /** The share of control's exceeding values that exceed by more than the margin. */
  private double beyond(Thresholds.Version known) {
    double limit = known.quantile(guard.metric().quantile());
    double count = known.control().count();
    double over = count - known.control().countUpTo(limit);
    double farOver = count - known.control().countUpTo(limit * (1 + margin));
    return (farOver + 0.5) / (over + 1);
  }

  private static double rate(long above, long below, double unknown) {
    return above + below < FEWEST ? unknown : (above + 0.5) / (above + below + 1.0);
  }

  @Override
  public long units() {
    return LongStream.of(bet.sums()).sum();
  }
}
