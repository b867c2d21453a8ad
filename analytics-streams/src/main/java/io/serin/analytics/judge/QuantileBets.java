package io.serin.analytics.judge;

import io.serin.analytics.observation.EventClock;
import io.serin.statistics.Logs;
import io.serin.statistics.sequential.Evidence;
import io.serin.statistics.sequential.ExceedanceDesign;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bets of a quantile guard on some strata: on each unit's first request of a stage, and by day
 * on the first request of a day of each unit that returns. Where variants have servers of their own
 * both count by blocks of time, and a bet on values twice as far out finds gross faults at once.
 *
 * <p>A unit counts once in each bet. Its days are dependent, since a slow user stays slow; so each
 * day is an e-process of its own, in which the label is a coin again, and the weights of all days
 * sum to 1 (union bound). Only the newest day is kept.
 */
final class QuantileBets {
  /** A far value exceeds the threshold by this factor. */
  static final double FAR = 2;

  private static final double FIRSTS = 0.6;
  private static final double GROSS = 0.1;
  private static final double DAYS = 0.4;
  private static final long DAY = 86_400_000;
  private static final int FIVE_MINUTES = 5 * Evidence.MINUTE;

  /** Share of far values that a server's usual slow spell reaches, for high and low quantiles. */
  private static final double USUAL_HIGH = 0.25;

  private static final double USUAL_LOW = 0.8;
  private static final double HIGH = 0.9;

  private final Cells cells;
  private final String owner;
  private final Evidence evidence;
  private final DelayedCounts.Exceeding firsts;
  private final DelayedCounts.@Nullable Exceeding gross;
  private @Nullable Exceedances today;
  private long firstDay;
  private long day;

  /**
   * @param blocks whether variants have servers of their own
   */
  QuantileBets(double quantile, boolean blocks, Cells cells, String owner, EventClock clock) {
    this.cells = cells;
    this.owner = owner;
    this.evidence =
        blocks ? new Evidence.Blocks(FIVE_MINUTES, 1 - quantile) : new Evidence.Units(1 - quantile);
    double usual = quantile >= HIGH ? USUAL_HIGH : USUAL_LOW;
    this.firsts = delayed(evidence, "over", clock);
    this.gross =
        blocks ? delayed(new Evidence.Gross(usual, (1 - quantile) / 5), "far", clock) : null;
    long[] known = cells.of(days()).get(CellKey.SINGLE);
    if (known != null) {
      firstDay = known[0];
      day = known[1];
      today = bets(evidence, ofDay(day));
    }
  }

  private Exceedances bets(Evidence kind, String name) {
    return new Exceedances(ExceedanceDesign.slower(), kind, cells, Cells.owner(owner, name));
  }

  private DelayedCounts.Exceeding delayed(Evidence kind, String name, EventClock clock) {
    return new DelayedCounts.Exceeding(
        bets(kind, name), cells, Cells.owner(owner, name, "delayed"), clock);
  }

  private String days() {
    return Cells.owner(owner, "days");
  }

  private static String ofDay(long day) {
    return "day" + day;
  }

  /** A unit's first request of the stage, now or when it is due. */
  void first(DelayedCounts.Exceeding.Told over, DelayedCounts.Exceeding.Listener unit) {
    firsts.add(over, unit);
  }

  /** The same of a value far above the threshold. */
  void far(DelayedCounts.Exceeding.Told far) {
    if (gross != null) {
      gross.add(far, (stratum, candidate) -> {});
    }
  }

  /** Counts what is due by now. */
  void release(DelayedCounts.Exceeding.Listener unit) {
    firsts.release(unit);
    if (gross != null) {
      gross.release((stratum, candidate) -> {});
    }
  }

  /** A returning unit's first request of a later day; a day that is over takes none. */
  void again(long eventTime, int version, StratumId stratum, boolean candidate, boolean over) {
    long of = eventTime / DAY;
    Exceedances bets = today;
    if (bets == null || of > day) {
      cells.removeAll(Cells.owner(owner, ofDay(day)));
      firstDay = bets == null ? of : firstDay;
      day = of;
      cells.set(days(), CellKey.SINGLE, firstDay, day);
      bets = bets(evidence, ofDay(of));
      today = bets;
    }
    if (of == day) {
      bets.add(Strata.window(eventTime), version, stratum, candidate, over);
    }
  }

  /** Weights of days sum to 1, and fall as slowly as 1/(d·ln²d). */
  private double weightOfDay() {
    long before = day - firstDay;
    return 1 / StrictMath.log(Math.E + before) - 1 / StrictMath.log(Math.E + before + 1);
  }

  private record Part(String name, double share, Exceedances bets) {
    double logE() {
      return StrictMath.log(share) + bets.logE();
    }
  }

  /** All bets; their shares sum to at most 1. */
  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("first", gross == null ? FIRSTS : FIRSTS - GROSS, firsts.counted()));
    if (gross != null) {
      parts.add(new Part("gross", GROSS, gross.counted()));
    }
    if (today != null) {
      parts.add(new Part("days", DAYS * weightOfDay(), today));
    }
    return parts;
  }

  /** All bets, each with its part of a share of the guard's wealth. */
  List<Finding.EProcess> processes(String of, double share) {
    return parts().stream()
        .map(
            part ->
                new Finding.EProcess(
                    of + part.name, share * part.share, part.bets.mixture(), part.bets.counts()))
        .toList();
  }

  /** ln of the wealth with all of it here. */
  double wealth() {
    return Logs.sum(parts().stream().mapToDouble(Part::logE).toArray());
  }

  /** Events of the bet with the greatest part of the wealth. */
  Finding.Arms events() {
    Exceedances strongest =
        parts().stream()
            .max(Comparator.comparingDouble(Part::logE))
            .map(Part::bets)
            .orElse(firsts());
    return new Finding.Arms(strongest.candidateYes(), strongest.controlYes());
  }

  Exceedances firsts() {
    return firsts.counted();
  }

  /** Values above the threshold among first requests of the newest day of returning units. */
  Finding.Arms returning() {
    Exceedances newest = today;
    return newest == null
        ? new Finding.Arms(0, 0)
        : new Finding.Arms(newest.candidateYes(), newest.controlYes());
  }
}
