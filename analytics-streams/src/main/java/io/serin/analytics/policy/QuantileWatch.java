package io.serin.analytics.policy;

import io.serin.analytics.rollout.Guard;
import io.serin.analytics.rollout.Variant;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.ExceedanceCounts;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sketch.LogSketch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Watches a quantile with a margin: the candidate's values, divided by 1 + margin, against
 * thresholds read from control, by a bet on each unit's first request of a stage. Latency has a
 * second process, on the unit's first request above c_.95, each at half of the guard's level: units
 * that return have given their first request.
 */
final class QuantileWatch implements Watch {
  private static final double BROKEN_SPLIT = StrictMath.log(20);
  private static final double SLOW = 0.95;
  private static final int FEWEST_EVENTS = 3;

  private final Guard guard;
  private final String candidate;
  private final Level level;
  private final Cells cells;
  private final Thresholds thresholds;
  private final Measure measure;
  private final String prefix;
  private final Exposures analysed;
  private final ExceedanceProcess firsts = new ExceedanceProcess(ExceedanceDesign.slower());
  private final EventLabelProcess slows = new EventLabelProcess(EventLabelDesign.worse());
  private final Map<String, long[]> above = new TreeMap<>();
  private final LogSketch candidateSketch;
  private final LogSketch controlSketch;
  private long firstBadAt;
  private int version = -1;

  QuantileWatch(Guard guard, String candidate, Level level, Cells cells, Thresholds thresholds) {
    this.guard = guard;
    this.candidate = candidate;
    this.cells = cells;
    this.thresholds = thresholds;
    this.measure = Measure.of(guard.metric());
    this.level = measure == Measure.LATENCY ? level.half() : level;
    this.prefix = Cells.name("quantile", guard.metric().text(), candidate);
    this.analysed = new Exposures(cells, Cells.name(prefix, "units"));
    this.candidateSketch = measure.sketch();
    this.controlSketch = measure.sketch();
    restore();
  }

  private void restore() {
    cells.under(prefix + "|first|").forEach((name, at) -> firstBadAt = at[0]);
    cells
        .under(prefix + "|bin|")
        .forEach(
            (name, counts) -> {
              String[] parts = name.substring(prefix.length() + 5).split("\\|", -1);
              LogSketch sketch = parts[0].equals("1") ? candidateSketch : controlSketch;
              int bin = Integer.parseInt(parts[1]);
              sketch.add(bin == Integer.MIN_VALUE ? 0 : sketch.representative(bin), counts[0]);
            });
    cells
        .under(prefix + "|slow|")
        .forEach(
            (name, counts) -> {
              String[] parts = name.substring(prefix.length() + 6).split("\\|", -1);
              slows.add(Long.parseLong(parts[0]), Strata.parse(parts[1]), counts[0], counts[1]);
            });
    cells
        .under(prefix + "|over|")
        .forEach(
            (name, counts) -> {
              String[] parts = name.substring(prefix.length() + 6).split("\\|", -1);
              int number = Integer.parseInt(parts[1]);
              firsts.add(
                  new ExceedanceCounts(
                      Long.parseLong(parts[0]),
                      number,
                      Strata.parse(parts[2]),
                      counts[0],
                      counts[1],
                      counts[2],
                      counts[3]));
              version = Math.max(version, number);
              long[] sums = above.computeIfAbsent(parts[2], s -> new long[4]);
              for (int i = 0; i < 4; i++) {
                sums[i] += counts[i];
              }
            });
  }

  @Override
  public void observe(Sight sight) {
    String stratum = Strata.of(sight, candidate);
    if (stratum == null) {
      return;
    }
    boolean ofCandidate = !sight.variant().equals(Variant.CONTROL);
    Double value = measure.value(sight);
    if (value == null) {
      return;
    }
    if (sight.first() && !sight.censored() && !value.isInfinite()) {
      LogSketch sketch = ofCandidate ? candidateSketch : controlSketch;
      int bin = value == 0 ? Integer.MIN_VALUE : sketch.bin(value);
      sketch.add(bin == Integer.MIN_VALUE ? 0 : sketch.representative(bin));
      cells.add(Cells.name(prefix, "bin", ofCandidate ? 1 : 0, bin), 1, 0, 1);
    }
    Thresholds.Version known = thresholds.of(sight);
    if (known == null) {
      return;
    }
    double scale = ofCandidate ? 1 + guard.margin() : 1;
    if (sight.first()) {
      first(sight, stratum, ofCandidate, value / scale, known);
    }
    if (measure == Measure.LATENCY && sight.slowest()) {
      slow(sight, stratum, ofCandidate, value / scale, scale, known);
    }
  }

  private void first(
      Sight sight, String stratum, boolean ofCandidate, double y, Thresholds.Version known) {
    boolean over = y > known.quantile(guard.metric().quantile());
    if (!over && sight.censored()) {
      return; // The client left before the threshold: it cannot be known.
    }
    int index = (ofCandidate ? 0 : 2) + (over ? 0 : 1);
    long window = Strata.window(sight);
    firsts.add(window, known.number(), Strata.parse(stratum), ofCandidate, over);
    cells.add(Cells.name(prefix, "over", window, known.number(), stratum), 4, index, 1);
    above.computeIfAbsent(stratum, s -> new long[4])[index]++;
    analysed.add(stratum, ofCandidate);
    version = Math.max(version, known.number());
    if (over && ofCandidate) {
      bad(sight);
    }
  }

  private void slow(
      Sight sight,
      String stratum,
      boolean ofCandidate,
      double y,
      double scale,
      Thresholds.Version known) {
    double limit = known.quantile(SLOW);
    Long before = sight.previousSlowestMicros();
    if (y > limit && (before == null || (before != Long.MAX_VALUE && before / scale <= limit))) {
      long window = Strata.window(sight);
      slows.add(window, Strata.parse(stratum), ofCandidate);
      cells.add(Cells.name(prefix, "slow", window, stratum), 2, ofCandidate ? 0 : 1, 1);
      if (ofCandidate) {
        bad(sight);
      }
    }
  }

  private void bad(Sight sight) {
    if (firstBadAt == 0 || sight.eventTime() < firstBadAt) {
      firstBadAt = sight.eventTime();
      cells.set(Cells.name(prefix, "first", ""), firstBadAt);
    }
  }

  @Override
  public String name() {
    return guard.metric().text() + "/" + candidate;
  }

  @Override
  public boolean quiet() {
    return firsts.logE() < level.signal()
        && (measure != Measure.LATENCY || slows.logE() < level.signal());
  }

  @Override
  public Finding finding() {
    double first = firsts.logE();
    double slow = measure == Measure.LATENCY ? slows.logE() : Double.NEGATIVE_INFINITY;
    double split = analysed.logE();
    long candidateAbove = above.values().stream().mapToLong(c -> c[0]).sum();
    long controlAbove = above.values().stream().mapToLong(c -> c[2]).sum();
    boolean bySlow = slow > first;
    Finding.Arms events =
        bySlow
            ? new Finding.Arms(slows.candidateEvents(), slows.controlEvents())
            : new Finding.Arms(candidateAbove, controlAbove);
    Map<String, Double> evidence = new TreeMap<>();
    evidence.put("firstRequestLogE", first);
    if (measure == Measure.LATENCY) {
      evidence.put("slowestRequestLogE", slow);
      evidence.put("candidateSlow", (double) slows.candidateEvents());
      evidence.put("controlSlow", (double) slows.controlEvents());
    }
    evidence.put("candidateAbove", (double) candidateAbove);
    evidence.put("controlAbove", (double) controlAbove);
    evidence.put("sampleRatioLogE", split);
    evidence.put("thresholdVersion", (double) version);
    Double candidateQuantile = quantile(candidateSketch);
    Double controlQuantile = quantile(controlSketch);
    return new Finding(
        candidate,
        guard,
        Math.max(first, slow),
        level.fire(),
        level.signal(),
        level.alpha(),
        level.weight(),
        analysed.total(),
        events,
        candidateQuantile == null || controlQuantile == null
            ? null
            : Double.valueOf(candidateQuantile - controlQuantile),
        candidateQuantile,
        controlQuantile,
        strata(),
        events.candidate() >= FEWEST_EVENTS,
        split >= BROKEN_SPLIT,
        firstBadAt,
        evidence,
        text(candidateQuantile, controlQuantile));
  }

  private List<Finding.Counts> strata() {
    List<Finding.Counts> strata = new ArrayList<>();
    above.forEach(
        (stratum, counts) ->
            strata.add(
                new Finding.Counts(
                    stratum, Strata.parse(stratum).probability(), counts[0], counts[2])));
    return strata;
  }

  private @Nullable Double quantile(LogSketch sketch) {
    return sketch.count() == 0 ? null : Double.valueOf(sketch.quantile(guard.metric().quantile()));
  }

  private String text(@Nullable Double ofCandidate, @Nullable Double ofControl) {
    if (ofCandidate == null || ofControl == null) {
      return guard.metric().text() + " has no measurements of both arms yet";
    }
    String unit = measure == Measure.LATENCY ? " ms" : "";
    double scale = measure == Measure.LATENCY ? 1_000 : 1;
    return String.format(
        Locale.ROOT,
        "%s of %s is %.1f%s, of control %.1f%s; %.0f %% worse is allowed",
        guard.metric().text(),
        candidate,
        ofCandidate / scale,
        unit,
        ofControl / scale,
        unit,
        guard.margin() * 100);
  }
}
