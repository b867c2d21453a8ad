package io.serin.analytics.policy;

import io.serin.rollout.Guard;
import io.serin.rollout.Variant;
import io.serin.rollout.plan.Forecast;
import io.serin.statistics.design.BetGrowth;
import io.serin.statistics.sequential.ExceedanceCounts;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import org.jspecify.annotations.Nullable;

/**
 * A quantile, on each unit's first request of a stage, by the exceedance bet reversed: the
 * candidate's values, divided by 1 + notWorse, exceed thresholds read from control less often than
 * control's do.
 */
final class NotWorseQuantile implements NotWorse {
  private static final int FEWEST = 100;

  private final Guard guard;
  private final double margin;
  private final String candidate;
  private final Measure measure;
  private final Thresholds thresholds;
  private final Cells cells;
  private final String prefix;
  private final ExceedanceProcess process = new ExceedanceProcess(ExceedanceDesign.notSlower());
  private final long[] sums = new long[4];
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
    this.cells = cells;
    this.prefix = Cells.name("notworse", guard.metric().text(), candidate, "");
    cells
        .under(prefix)
        .forEach(
            (name, c) -> {
              String[] parts = name.substring(prefix.length()).split("\\|", -1);
              process.add(
                  new ExceedanceCounts(
                      Long.parseLong(parts[0]),
                      Integer.parseInt(parts[1]),
                      Strata.parse(parts[2]),
                      c[0],
                      c[1],
                      c[2],
                      c[3]));
              for (int i = 0; i < sums.length; i++) {
                sums[i] += c[i];
              }
            });
  }

  @Override
  public String metric() {
    return guard.metric().text();
  }

  @Override
  public void observe(Sight sight) {
    String stratum = sight.first() ? Strata.of(sight, candidate) : null;
    Double value = stratum == null ? null : measure.value(sight);
    Thresholds.Version known = value == null ? null : thresholds.of(sight);
    if (stratum == null || value == null || known == null) {
      return;
    }
    newest = known;
    boolean ofCandidate = !sight.variant().equals(Variant.CONTROL);
    boolean over =
        value / (ofCandidate ? 1 + margin : 1) > known.quantile(guard.metric().quantile());
    if (!over && sight.censored()) {
      return; // The client left before the threshold: it cannot be known.
    }
    int index = (ofCandidate ? 0 : 2) + (over ? 0 : 1);
    long window = Strata.window(sight);
    process.add(window, known.number(), Strata.parse(stratum), ofCandidate, over);
    cells.add(prefix + Cells.name(window, known.number(), stratum), 4, index, 1);
    sums[index]++;
  }

  @Override
  public double logE() {
    return process.logE();
  }

  @Override
  public BetGrowth growth(double share) {
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
    return sums[0] + sums[1] + sums[2] + sums[3];
  }
}
