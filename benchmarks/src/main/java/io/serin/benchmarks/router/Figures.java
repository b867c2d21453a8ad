package io.serin.benchmarks.router;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** One peer under one load, over all rounds; figures are medians over rounds. */
final class Figures {

  /** A round's load with what the peer's processes took for it. */
  record Round(Measured measured, double cpuMicrosPerRequest, double residentMiB) {}

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
    return median(Round::cpuMicrosPerRequest);
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

  private double median(ToDoubleFunction<Round> figure) {
    double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
