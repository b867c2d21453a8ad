package io.serin.simulation.ugly;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.simulation.scenario.Scenario;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * An ugly stream that the decider that ships must survive: what it claims, what was seen, and what
 * other tools' rules do on the same streams.
 *
 * @param parts its cases
 */
record UglyScenario(String name, String question, int quickRuns, List<Part> parts)
    implements Scenario {
  private static final int FULL = 500;

  /**
   * One case.
   *
   * @param label what is different about it; empty where it is the only one
   * @param file the rollout, with its alpha
   * @param alpha of the file
   */
  record Part(
      String label,
      String file,
      double alpha,
      Stream.Source source,
      UglyRun.Length length,
      Claim claim) {}

  /**
   * What must hold, in shares of runs; NaN where nothing is asked.
   *
   * @param rolledBackAtMost by any guard
   * @param promotedAtMost where the candidate is as bad as the margin allows
   * @param announcedAtLeast promoted within the announced size
   * @param foundAtLeast rolled back, where there is a fault
   * @param timesLimitAtMost mean requests to detection over the theoretical limit
   * @param onlyBy the metric of the only guard that may have rolled back; empty: any
   */
  record Claim(
      double rolledBackAtMost,
      double promotedAtMost,
      double announcedAtLeast,
      double foundAtLeast,
      double timesLimitAtMost,
      String onlyBy) {
    private static final double NOTHING = Double.NaN;

    /** An identical candidate is rolled back with chance α at most. */
    static Claim healthy(double alpha) {
      return new Claim(alpha, NOTHING, NOTHING, NOTHING, NOTHING, "");
    }

    /** An identical candidate is promoted as announced. */
    static Claim announced(double alpha) {
      return new Claim(alpha, NOTHING, 0.8, NOTHING, NOTHING, "");
    }

    /** A candidate at the margin is promoted with chance .05 at most. */
    static Claim margin(double alpha) {
      return new Claim(alpha, 0.05, NOTHING, NOTHING, NOTHING, "");
    }

    /** A fault is found in nearly every run, near the limit. */
    static Claim found(double timesLimit) {
      return new Claim(NOTHING, NOTHING, NOTHING, 0.95, timesLimit, "");
    }

    /** Whatever its size, the fault is found. */
    static Claim found() {
      return found(NOTHING);
    }

    /** The same, and by this guard. */
    Claim by(String metric) {
      return new Claim(
          rolledBackAtMost,
          promotedAtMost,
          announcedAtLeast,
          foundAtLeast,
          timesLimitAtMost,
          metric);
    }
  }

  public UglyScenario {
    parts = List.copyOf(parts);
  }

  @Override
  public int fullRuns() {
    return FULL;
  }

  @Override
  public Report run(long seed, int runs) {
    List<Figure> figures = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      figures(parts.get(i), seed + i, runs, figures);
    }
    return new Report(name, question, seed, runs, figures);
  }

  private static void figures(Part part, long seed, int runs, List<Figure> figures) {
    List<Ending> endings =
        IntStream.range(0, runs)
            .parallel()
            .mapToObj(
                i ->
                    new UglyRun(
                            part.file, part.alpha, part.source, part.length, Runs.random(seed, i))
                        .run())
            .toList();
    String at = part.label.isEmpty() ? "" : part.label + ": ";
    Claim claim = part.claim;
    long out = count(endings, Ending::rolledBack);
    if (!Double.isNaN(claim.rolledBackAtMost)) {
      figures.add(Figure.atMost(at + "rolled back", out, runs, claim.rolledBackAtMost));
    }
    if (!Double.isNaN(claim.foundAtLeast)) {
      figures.add(Figure.atLeast(at + "rolled back", out, runs, claim.foundAtLeast));
    }
    if (!claim.onlyBy.isEmpty()) {
      long wrong = count(endings, e -> e.rolledBack() && !e.firedBy().equals(claim.onlyBy));
      figures.add(
          Figure.atMost(at + "rolled back by other than " + claim.onlyBy, wrong, runs, 0.01));
    }
    long promoted = count(endings, Ending::promoted);
    figures.add(
        Double.isNaN(claim.promotedAtMost)
            ? Figure.share(at + "promoted", promoted, runs)
            : Figure.atMost(at + "promoted", promoted, runs, claim.promotedAtMost));
    if (!Double.isNaN(claim.announcedAtLeast)) {
      figures.add(
          Figure.atLeast(
              at + "promoted as announced",
              count(endings, Ending::announced),
              runs,
              claim.announcedAtLeast));
    }
    if (part.source.fault().any()) {
      detection(at, claim, endings, figures);
    }
    if (endings.stream().anyMatch(e -> e.noData() > 0)) {
      figures.add(
          Figure.mean(
              at + "events NO_DATA",
              values(endings, Ending::noData),
              1,
              part.source.fault().any() ? Double.POSITIVE_INFINITY : 2));
    }
    for (int i = 0; i < Others.NAMES.size(); i++) {
      int other = i;
      long fired = count(endings, e -> Double.isFinite(e.others().get(other)));
      figures.add(Figure.share(at + Others.NAMES.get(i) + " rolled back", fired, runs));
      if (part.source.fault().any() && fired > 0) {
        List<Ending> those =
            endings.stream().filter(e -> Double.isFinite(e.others().get(other))).toList();
        figures.add(
            mean(
                at + Others.NAMES.get(i) + ", requests",
                values(those, e -> e.others().get(other))));
      }
    }
  }

  private static void detection(
      String at, Claim claim, List<Ending> endings, List<Figure> figures) {
    List<Ending> found = endings.stream().filter(Ending::rolledBack).toList();
    if (found.isEmpty()) {
      return;
    }
    double[] requests = values(found, Ending::requests);
    figures.add(mean(at + "requests to detection", requests));
    figures.add(mean(at + "seconds to detection", values(found, e -> e.millis() / 1_000.0)));
    double limit = Arrays.stream(values(found, Ending::limit)).average().orElse(Double.NaN);
    if (Double.isFinite(limit)) {
      figures.add(Figure.shown(at + "fewest requests of any test", limit, 0));
      Figure times =
          Figure.mean(at + "requests over the fewest", requests, limit, Double.POSITIVE_INFINITY);
      figures.add(
          Double.isNaN(claim.timesLimitAtMost)
              ? times
              : new Figure(
                  times.name(),
                  times.value(),
                  times.standardError(),
                  Double.NEGATIVE_INFINITY,
                  claim.timesLimitAtMost + 2 * times.standardError()));
    }
  }

  private static Figure mean(String name, double[] values) {
    return Figure.mean(name, values, 1, Double.POSITIVE_INFINITY);
  }

  private static double[] values(List<Ending> endings, ToDoubleFunction<Ending> value) {
    return endings.stream().mapToDouble(value).toArray();
  }

  private static long count(List<Ending> endings, Predicate<Ending> which) {
    return endings.stream().filter(which).count();
  }
}
