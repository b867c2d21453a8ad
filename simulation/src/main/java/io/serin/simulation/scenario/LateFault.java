package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A candidate that breaks late: after 2,000 quiet events; and, for latency, on day four when every
 * unit has given its first request, so that only the second process of the guard can see it.
 *
 * @param quiet events before the fault
 * @param share ρ of the candidate
 * @param ratio r: how many times more often the candidate then has the event
 * @param alpha level
 */
public record LateFault(int quiet, double share, double ratio, double alpha) implements Scenario {
  private static final int PER_WINDOW = 5;

  public LateFault() {
    this(2_000, 0.25, 5, 0.01);
  }

  @Override
  public String name() {
    return "late";
  }

  @Override
  public String question() {
    return "a fault after "
        + quiet
        + " quiet events is found within 60; a latency fault among returning units is found";
  }

  @Override
  public int fullRuns() {
    return 2_000;
  }

  @Override
  public int quickRuns() {
    return 100;
  }

  @Override
  public Report run(long seed, int runs) {
    double[] restarts = Runs.of(seed, runs, r -> events(r, EventLabelDesign.worse()));
    double[] plain =
        Runs.of(seed, runs, r -> events(r, EventLabelDesign.worse().withoutRestarts()));
    long returning = Runs.hits(Runs.of(seed + 1, runs, this::returning));
    return new Report(
        name(),
        question(),
        seed,
        runs,
        List.of(
            Figure.mean("events until found, restarts on", restarts, 1, 60),
            Figure.mean("events until found, restarts off", plain, 1, Double.POSITIVE_INFINITY),
            Figure.atLeast(
                "latency ×1.5 on day four, returning units only", returning, runs, 0.95)));
  }

  private double events(SplittableRandom random, EventLabelDesign design) {
    EventLabelProcess process = new EventLabelProcess(design);
    Stratum stratum = new Stratum("all", share);
    for (int i = 0; i < quiet; i++) {
      process.add(i / PER_WINDOW, stratum, random.nextDouble() < share);
    }
    double label = share * ratio / (share * ratio + 1 - share);
    int events = 0;
    do {
      process.add((quiet + events) / PER_WINDOW, stratum, random.nextDouble() < label);
      events++;
    } while (process.logE() < -Math.log(alpha) && events < 100_000);
    return events;
  }

  /**
   * 2,000 units, ten requests a day each; from day four on the candidate is 1.5 × 1.2 times as
   * slow.
   */
  private double returning(SplittableRandom random) {
    int units = 2_000;
    EventLabelProcess slow = new EventLabelProcess(EventLabelDesign.worse());
    Stratum stratum = new Stratum("all", share);
    boolean[] candidate = new boolean[units];
    boolean[] counted = new boolean[units];
    for (int i = 0; i < units; i++) {
      candidate[i] = random.nextDouble() < share;
    }
    double tail = 400 * Math.exp(0.7 * 1.645);
    double fire = -Math.log(alpha / 2);
    int perDay = 10 * units;
    for (int i = 0; i < 7 * perDay; i++) {
      int unit = random.nextInt(units);
      double slower = i >= 3 * perDay && candidate[unit] ? 1.5 : 1;
      // Most units rarely answer slowly; one in five units is counted within a day.
      double rescaled = Runs.lognormal(random, 250, 0.55) * slower;
      if (!counted[unit] && rescaled > tail) {
        counted[unit] = true;
        slow.add(i / 100, stratum, candidate[unit]);
        if (slow.logE() >= fire) {
          return i >= 3 * perDay ? 1 : 0;
        }
      }
    }
    return 0;
  }
}
