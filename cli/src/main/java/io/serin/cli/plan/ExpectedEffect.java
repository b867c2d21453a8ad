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
record ExpectedEffect(double baseline, double effect) {
  /** Assumed where nothing is said; every plan prints what it assumed. */
  private static final Map<String, ExpectedEffect> ASSUMED =
      Map.of(
          "error.rate", new ExpectedEffect(0.01, 0.02),
          "refusal.rate", new ExpectedEffect(0.02, 0.04),
          "feedback", new ExpectedEffect(0.2, 0.3),
          "cache.hit", new ExpectedEffect(0.4, 0.5),
          "latency", new ExpectedEffect(0.7, 1.5),
          "tokens", new ExpectedEffect(0.8, 2));

  /** Whether the metric is a quantile of a value rather than a rate. */
  static boolean quantile(String metric) {
    return metric.matches("(latency|ttft|duration)\\..*|tokens|tpot.*");
  }

  /** Whether its guard has the second process, on slow requests. */
  static boolean latency(String metric) {
    return metric.matches("(latency|ttft|duration)\\..*");
  }

  static ExpectedEffect assumed(String metric) {
    String family = latency(metric) ? "latency" : metric;
    ExpectedEffect known = ASSUMED.get(family);
    return known != null
        ? known
        : quantile(metric) ? new ExpectedEffect(0.7, 1.5) : new ExpectedEffect(0.01, 0.02);
  }

  /** "error.rate" → "1%:2%" and the like. */
  static Map<String, ExpectedEffect> parse(Map<String, String> given) {
    Map<String, ExpectedEffect> result = new LinkedHashMap<>();
    given.forEach((metric, text) -> result.put(metric, parse(metric, text)));
    return result;
  }

  private static ExpectedEffect parse(String metric, String text) {
    String name = "--expect " + metric;
    String[] parts = text.split(":", -1);
    if (parts.length != 2) {
      throw new InvalidField(
          name, text, "must be BASELINE:EFFECT, as in error.rate=1%:2% or latency.p50=0.7:1.5x");
    }
    if (quantile(metric)) {
      return new ExpectedEffect(
          Quantities.factor(name, parts[0]), Quantities.factor(name, parts[1]));
    }
    return new ExpectedEffect(
        Quantities.properShare(name, parts[0]), Quantities.properShare(name, parts[1]));
  }
}
