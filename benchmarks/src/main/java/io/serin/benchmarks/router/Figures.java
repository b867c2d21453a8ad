package io.serin.benchmarks.router;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** One peer under one load, over all rounds; figures are medians over rounds. */
final class Figures {

  /** A round's load with the memory that the peer's processes had after it. */
  record Round(Measured measured, double residentMiB) {}

  private final List<Round> rounds = new ArrayList<>();

  void add(Round round) {
    rounds.add(round);
  }

  double perSecond() {
    return median(round -> round.measured().perSecond());
  }

  double micros(double q) {
    return median(round -> round.measured().latency().micros(q));
  }

  double cpuMicros() {
    return median(round -> round.measured().cpuMicros());
  }

  double residentMiB() {
    return median(Round::residentMiB);
  }

  long stalls() {
    return rounds.stream().mapToLong(round -> round.measured().stalls()).sum();
  }

  long failed() {
    return rounds.stream().mapToLong(round -> round.measured().failed()).sum();
  }

  String firstFailure() {
    return rounds.stream()
        .map(round -> round.measured().firstFailure())
        .filter(text -> !text.isEmpty())
        .findFirst()
        .orElse("");
  }

  /** The median over rounds of this peer's requests a second over another's in the same round. */
  double ofPerSecond(Figures other) {
    return paired(other, (mine, its) -> mine.measured().perSecond() / its.measured().perSecond());
  }

  /** The same of processor time for a request. */
  double ofCpu(Figures other) {
    return paired(other, (mine, its) -> mine.measured().cpuMicros() / its.measured().cpuMicros());
  }

  /** The median over rounds of this quantile less another's in the same round, in microseconds. */
  double above(Figures other, double q) {
    return paired(
        other,
        (mine, its) -> mine.measured().latency().micros(q) - its.measured().latency().micros(q));
  }

  private double paired(Figures other, ToDoubleBiFunction<Round, Round> figure) {
    return median(
        IntStream.range(0, Math.min(rounds.size(), other.rounds.size()))
            .mapToDouble(i -> figure.applyAsDouble(rounds.get(i), other.rounds.get(i))));
  }

  private double median(ToDoubleFunction<Round> figure) {
    return median(rounds.stream().mapToDouble(figure));
  }

  private static double median(DoubleStream figures) {
    double[] sorted = figures.sorted().toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
