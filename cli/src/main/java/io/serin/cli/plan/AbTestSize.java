package io.serin.cli.plan;

import io.serin.report.Numbers;
import io.serin.statistics.design.Planning;
import io.serin.statistics.design.Planning.Size;

/**
 * The size of an A/B test for one metric.
 *
 * @param what is to be told apart, in words
 * @param once looking once, at the end
 * @param always looking whenever one likes
 */
record AbTestSize(String metric, String what, Size once, Size always) {
  /**
   * Plans it.
   *
   * @param users how often they return, and how alike their requests are
   */
  static AbTestSize of(
      String metric, ExpectedEffect what, double alpha, double power, double share, Repeats users) {
    return new AbTestSize(
        metric,
        ExpectedEffect.quantile(metric)
            ? "×" + Numbers.number(what.effect()) + ", σ " + Numbers.number(what.baseline())
            : Numbers.percent(what.baseline()) + " → " + Numbers.percent(what.effect()),
        size(metric, what, users.planning(alpha, power, share, false)),
        size(metric, what, users.planning(alpha, power, share, true)));
  }

  /**
   * How users return.
   *
   * @param requests of a user in the mean, ≥ 1
   * @param variation CV of requests per user, ≥ 0
   * @param correlation ICC of a user's requests, in [0, 1]
   */
  record Repeats(double requests, double variation, double correlation) {
    private Planning planning(double alpha, double power, double share, boolean anyTime) {
      return new Planning(alpha, power, share, requests, variation, correlation, anyTime);
    }
  }

  private static Size size(String metric, ExpectedEffect what, Planning planning) {
    if (!ExpectedEffect.quantile(metric)) {
      return planning.proportions(what.baseline(), what.effect());
    }
    if (metric.equals("tokens.mean") || metric.endsWith(".mean")) {
      // Of a lognormal value, in the logarithm.
      return planning.means(Math.log(what.effect()), what.baseline(), what.baseline());
    }
    return planning.quantiles(quantileOf(metric), what.effect(), what.baseline());
  }

  private static double quantileOf(String metric) {
    int at = metric.lastIndexOf(".p");
    return at < 0 ? 0.5 : Double.parseDouble("0." + metric.substring(at + 2));
  }
}
