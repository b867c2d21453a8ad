package io.serin.benchmarks.rollback;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;

/** Quantiles of times, in milliseconds; NaN where there are none. */
record Times(int n, double p50, double p95, double max) {

  /** Of each round's first, or last, router. */
  static Times of(double[][] rounds, boolean first) {
    return of(
        Arrays.stream(rounds)
            .map(Arrays::stream)
            .mapToDouble(round -> (first ? round.min() : round.max()).orElse(Double.NaN))
            .toArray());
  }

  static Times of(double[] millis) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    return new Times(sorted.length, at(sorted, 0.5), at(sorted, 0.95), at(sorted, 1));
  }

  private static double at(double[] sorted, double q) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.max(0, (int) Math.ceil(q * sorted.length) - 1)];
  }

  String text() {
    return String.format(Locale.ROOT, "%8.0f%8.0f%8.0f", p50, p95, max);
  }

  ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("n", n)
        .put("p50", p50)
        .put("p95", p95)
        .put("max", max);
  }
}
