package io.serin.cli.plan;

import io.serin.rollout.value.InvalidField;
import io.serin.rollout.value.Quantities;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is expected of one metric.
 *
 * @param baseline control's rate; of latency and tokens σ, the standard deviation of a value's
 *     logarithm
 * @param effect the candidate's rate; of latency and tokens how many times control's values it has
 */
record Expectation(double baseline, double effect) {
  /** Assumed where nothing is said; every plan prints what it assumed. */
  private static final Map<String, Expectation> ASSUMED =
      Map.of(
          "error.rate", new Expectation(0.01, 0.02),
          "refusal.rate", new Expectation(0.02, 0.04),
          "feedback", new Expectation(0.2, 0.3),
          "cache.hit", new Expectation(0.4, 0.5),
          "latency", new Expectation(0.7, 1.5),
          "tokens", new Expectation(0.8, 2));

  /** Whether the metric is a quantile of a value rather than a rate. */
  static boolean quantile(String metric) {
    return metric.matches("(latency|ttft|duration)\\..*|tokens|tpot.*");
  }

  /** Whether its guard has the second process, on slow requests. */
  static boolean latency(String metric) {
    return metric.matches("(latency|ttft|duration)\\..*");
  }

  static Expectation assumed(String metric) {
    String family = latency(metric) ? "latency" : metric;
    Expectation known = ASSUMED.get(family);
    return known != null
        ? known
        : quantile(metric) ? new Expectation(0.7, 1.5) : new Expectation(0.01, 0.02);
  }

  /** "error.rate" → "1%:2%" and the like. */
  static Map<String, Expectation> parse(Map<String, String> given) {
    Map<String, Expectation> result = new LinkedHashMap<>();
    given.forEach((metric, text) -> result.put(metric, parse(metric, text)));
    return result;
  }

  private static Expectation parse(String metric, String text) {
    String name = "--expect " + metric;
    String[] parts = text.split(":", -1);
    if (parts.length != 2) {
      throw new InvalidField(
          name, text, "must be BASELINE:EFFECT, as in error.rate=1%:2% or latency.p50=0.7:1.5x");
    }
    if (quantile(metric)) {
      return new Expectation(Quantities.factor(name, parts[0]), Quantities.factor(name, parts[1]));
    }
    return new Expectation(
        Quantities.properShare(name, parts[0]), Quantities.properShare(name, parts[1]));
  }
}
