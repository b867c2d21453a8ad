package io.serin.worker.budget;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one run's replays of one partition came to so far. Kept in the commit's metadata, beside the
 * position, so that it is as exact as the results: a budget survives every restart and every move
 * of a partition. Immutable; adds up.
 *
 * @param run that the sums are of; empty where there was none yet
 * @param used in the whole run
 * @param hour since the epoch, UTC, that {@code usedInHour} is of
 * @param outcomes candidates measured, by outcome
 * @param skipped results without a measurement, by reason
 */
public record Totals(
    String run,
    Spend used,
    long hour,
    Spend usedInHour,
    Map<String, Long> outcomes,
    Map<String, Long> skipped) {

  public static final Totals NONE =
      new Totals("", Spend.NOTHING, 0, Spend.NOTHING, Map.of(), Map.of());

  /** The run of a backfill's sums, whose requests are of any run. */
  public static final String OF_BACKFILL = "backfill";

  private static final String PARTS = ";";

  public Totals {
    outcomes = Map.copyOf(outcomes);
    skipped = Map.copyOf(skipped);
  }

  /** These, after a request's results. Another run begins anew. */
  public Totals after(
      String nowRun, long nowHour, Spend more, Map<String, Long> told, Map<String, Long> left) {
    Totals same =
        run.equals(nowRun)
            ? this
            : new Totals(nowRun, Spend.NOTHING, nowHour, Spend.NOTHING, Map.of(), Map.of());
    return new Totals(
        nowRun,
        same.used.plus(more),
        Math.max(nowHour, same.hour),
        nowHour > same.hour ? more : same.usedInHour.plus(more),
        sum(same.outcomes, told),
        sum(same.skipped, left));
  }

  /**
   * Sums of one run over two partitions; when they are at different runs, those of the later hour.
   */
  public Totals newest(Totals other) {
    return run.isEmpty() || run.equals(other.run) || other.run.isEmpty()
        ? plus(other)
        : hour >= other.hour ? this : other;
  }

  /** Both as one, where they are of one run; else this. */
  public Totals plus(Totals other) {
    if (other.run.isEmpty() || (!run.isEmpty() && !run.equals(other.run))) {
      return this;
    }
    if (run.isEmpty()) {
      return other;
    }
    long newest = Math.max(hour, other.hour);
    Spend inHour =
        (hour == newest ? usedInHour : Spend.NOTHING)
            .plus(other.hour == newest ? other.usedInHour : Spend.NOTHING);
    return new Totals(
        run,
        used.plus(other.used),
        newest,
        inHour,
        sum(outcomes, other.outcomes),
        sum(skipped, other.skipped));
  }

  /** What was used in the hour. */
  public Spend inHour(long which) {
    return which == hour ? usedInHour : Spend.NOTHING;
  }

  /** For the commit's metadata; a few hundred characters. */
  public String text() {
    return run.isEmpty()
        ? ""
        : String.join(
            PARTS,
            run,
            text(used),
            Long.toString(hour),
            text(usedInHour),
            text(outcomes),
            text(skipped));
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException where it is something else
   */
  public static Totals parse(String text) {
    if (text.isEmpty()) {
      return NONE;
    }
    String[] parts = text.split(PARTS, -1);
    if (parts.length != 6) {
      throw new IllegalArgumentException(
          "committed totals are \"" + text + "\": they must have 6 parts");
    }
    return new Totals(
        parts[0],
        used(parts[1]),
        Long.parseLong(parts[2]),
        used(parts[3]),
        counts(parts[4]),
        counts(parts[5]));
  }

  private static String text(Spend used) {
    return String.format(
        Locale.ROOT,
        "%d,%d,%d,%s,%d",
        used.calls(),
        used.promptTokens(),
        used.completionTokens(),
        Double.toString(used.cost()),
        used.unpriced());
  }

  private static Spend used(String text) {
    String[] fields = text.split(",", -1);
    return new Spend(
        Long.parseLong(fields[0]),
        Long.parseLong(fields[1]),
        Long.parseLong(fields[2]),
        Double.parseDouble(fields[3]),
        Long.parseLong(fields[4]));
  }

  private static String text(Map<String, Long> counts) {
    StringBuilder out = new StringBuilder();
    new TreeMap<>(counts)
        .forEach(
            (name, count) ->
                out.append(out.isEmpty() ? "" : ",").append(name).append('=').append(count));
    return out.toString();
  }

  private static Map<String, Long> counts(String text) {
    Map<String, Long> counts = new HashMap<>();
    if (!text.isEmpty()) {
      for (String field : text.split(",", -1)) {
        int at = field.lastIndexOf('=');
        counts.put(field.substring(0, at), Long.parseLong(field.substring(at + 1)));
      }
    }
    return counts;
  }

  private static Map<String, Long> sum(Map<String, Long> one, Map<String, Long> two) {
    Map<String, Long> both = new HashMap<>(one);
    two.forEach((name, count) -> both.merge(name, count, Long::sum));
    return both;
  }
}
