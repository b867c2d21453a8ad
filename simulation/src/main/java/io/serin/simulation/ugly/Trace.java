package io.serin.simulation.ugly;

import io.serin.analytics.observation.Observation;
import io.serin.rollout.assignment.Split;
import io.serin.simulation.scenario.Scenario;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Recorded requests of one server, in order of time. Each run splits the users anew at random, so
 * any rollback of an identical candidate is a false one.
 *
 * <p>A file has a header line and the columns {@code at_ms} (time of the request, milliseconds from
 * any origin), {@code unit} (who asks), {@code duration_ms}; and, where they are known, {@code
 * failed} (1, or 0) and {@code first_ms} (time to the first token of a streamed answer). Fields are
 * separated by commas and hold none.
 */
public final class Trace {
  private static final int FEWEST = 1_000;

  private record Line(long at, int user, double millis, boolean failed, double first) {}

  private final List<Line> lines;
  private final int users;
  private final double[] sorted;
  private final double sigma;

  private Trace(List<Line> lines, int users) {
    this.lines = lines;
    this.users = users;
    sorted = lines.stream().mapToDouble(Line::millis).sorted().toArray();
    double[] logs = Arrays.stream(sorted).map(millis -> Math.log(Math.max(millis, 1))).toArray();
    double mean = Arrays.stream(logs).average().orElse(0);
    sigma =
        Math.sqrt(Arrays.stream(logs).map(log -> (log - mean) * (log - mean)).average().orElse(1));
  }

  /**
   * Reads a trace.
   *
   * @throws IllegalArgumentException if a line is not as it must be; the message names it
   */
  public static Trace read(BufferedReader reader) throws IOException {
    String header = reader.readLine();
    List<String> columns = header == null ? List.of() : List.of(header.strip().split(","));
    for (String needed : List.of("at_ms", "unit", "duration_ms")) {
      if (!columns.contains(needed)) {
        throw new IllegalArgumentException(
            "line 1: the header must name the column " + needed + ", not only \"" + header + "\"");
      }
    }
    List<Line> lines = new ArrayList<>();
    Map<String, Integer> users = new HashMap<>();
    long origin = 0;
    long before = 0;
    for (String text = reader.readLine(); text != null; text = reader.readLine()) {
      int number = lines.size() + 2;
      String[] fields = text.strip().split(",", -1);
      double at = number(fields, columns, "at_ms", number);
      origin = lines.isEmpty() ? (long) at : origin;
      if ((long) at - origin < before) {
        throw new IllegalArgumentException(
            "line "
                + number
                + ": at_ms is "
                + fields[columns.indexOf("at_ms")]
                + ": times must not"
                + " fall; sort the file by at_ms");
      }
      before = (long) at - origin;
      String unit = fields[Math.min(columns.indexOf("unit"), fields.length - 1)];
      lines.add(
          new Line(
              before,
              users.computeIfAbsent(unit, added -> users.size()),
              number(fields, columns, "duration_ms", number),
              columns.contains("failed") && number(fields, columns, "failed", number) > 0,
              columns.contains("first_ms") ? number(fields, columns, "first_ms", number) : 0));
    }
    if (lines.size() < FEWEST) {
      throw new IllegalArgumentException(
          "it holds " + lines.size() + " requests; at least " + FEWEST + " are required");
    }
    return new Trace(List.copyOf(lines), users.size());
  }

  private static double number(String[] fields, List<String> columns, String column, int line) {
    int index = columns.indexOf(column);
    String text = index < fields.length ? fields[index].strip() : "";
    try {
      double value = text.isEmpty() ? 0 : Double.parseDouble(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT, "line %d: %s is \"%s\": it must be a number >= 0", line, column, text));
  }

  /** Identical candidates at two levels, and one that is half as slow again. */
  public Scenario scenario() {
    return UglyScenarios.ofTrace(
        "trace",
        String.format(
            Locale.ROOT, "your own trace: %,d requests of %,d users", lines.size(), users),
        this::source);
  }

  private Stream.Source source(World.Fault fault) {
    return new Source(fault);
  }

  private final class Source implements Stream.Source {
    private final World.Fault fault;

    Source(World.Fault fault) {
      this.fault = fault;
    }

    @Override
    public Stream open(SplittableRandom random) {
      int[] slots = new int[users];
      Arrays.setAll(slots, user -> random.nextInt(Split.SLOTS));
      return new Replay(fault, slots);
    }

    @Override
    public World.Fault fault() {
      return fault;
    }

    /** As if all of the spread were between requests: a limit that is too low, never too high. */
    @Override
    public double information(double share, long requests) {
      double shift = Math.max(0, Math.log(fault.median() / GeneratedStream.MARGIN));
      return share * (1 - share) * shift * shift * requests / (2 * sigma * sigma);
    }

    @Override
    public double quantile(double q) {
      return sorted[(int) Math.min(sorted.length - 1, Math.ceil(q * sorted.length))];
    }
  }

  private final class Replay implements Stream {
    private final World.Fault fault;
    private final int[] slots;
    private int next;

    Replay(World.Fault fault, int[] slots) {
      this.fault = fault;
      this.slots = slots;
    }

    @Override
    public @Nullable Ask next() {
      if (next == lines.size()) {
        return null;
      }
      Line line = lines.get(next++);
      return new Ask(line.at, line.user, slots[line.user]);
    }

    @Override
    public Answer answer(Ask ask, boolean candidate) {
      Line line = lines.get(next - 1);
      double factor = candidate ? fault.median() : 1;
      return new Answer(
          line.failed ? Observation.End.FAILED : Observation.End.OK,
          (long) (line.millis * factor),
          line.first > 0 ? Long.valueOf((long) (line.first * factor)) : null,
          null,
          null);
    }

    @Override
    public boolean returning() {
      return true;
    }
  }
}
