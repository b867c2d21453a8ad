package io.serin.simulation.canary;

import io.serin.analytics.observation.Observation;
import io.serin.simulation.decider.DrivenRollout;
import io.serin.statistics.Numerics;
import io.serin.statistics.sequential.ErrorBudget;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/**
 * A canary with known truth, to see how Serin and others judge it: what is measured, how much worse
 * the candidate really is, how the split grows, who the users are, and what each method is set to.
 *
 * @param metric error.rate or refusal.rate with a rate; latency.p50, latency.p95 or tokens with a
 *     quantile
 * @param truth what is measured, and how much worse the candidate is
 * @param stages the split, in order; at least one
 * @param users who make the requests
 * @param drift d ≥ 0: error rates (or, for a quantile, all values) are multiplied by 1 + d·sin(πt)
 *     over the run, in both arms
 * @param faultFrom request at which the candidate becomes worse; 0 is from the beginning
 * @param guard what Serin's guard is set to
 * @param rivals what the others are set to
 */
public record CanaryScenario(
    String metric,
    Truth truth,
    List<Stage> stages,
    Users users,
    double drift,
    long faultFrom,
    Guard guard,
    Rivals rivals) {
  static final String CANDIDATE = "candidate";

  /** The alphas that a rollout file may have. */
  private static final double LOWEST_ALPHA = 0.00201;

  private static final double HIGHEST_ALPHA = 0.5;

  private static final double LEAST_LEVEL = 0.0008;
  private static final double GREATEST_LEVEL = 0.15;

  /** What is measured, and how much worse the candidate is. */
  public sealed interface Truth {
    /**
     * Requests that fail (or are refused, …).
     *
     * @param control share of control's requests, in (0, 1)
     * @param candidate share of the candidate's, in (0, 1)
     */
    record Rate(double control, double candidate) implements Truth {
      public Rate {
        inside("baseline", control);
        inside("effect", candidate);
      }
    }

    /**
     * A quantile of a lognormal value.
     *
     * @param quantile q in (0, 1)
     * @param median of control's values, > 0
     * @param sigma standard deviation of a value's logarithm, > 0
     * @param factor how many times as large the candidate's values are, > 0
     * @param margin how many times as large they may be, ≥ 1
     */
    record Quantile(double quantile, double median, double sigma, double factor, double margin)
        implements Truth {
      public Quantile {
        inside("quantile", quantile);
        positive("median", median);
        positive("sigma", sigma);
        positive("effect", factor);
        if (!(margin >= 1)) {
          throw new IllegalArgumentException("margin: must be at least 1, not " + margin);
        }
      }
    }
  }

  /**
   * A part of the run.
   *
   * @param share ρ of the candidate, in (0, 1)
   * @param requests of both arms, ≥ 1
   */
  public record Stage(double share, long requests) {
    public Stage {
      inside("share", share);
      if (requests < 1 || requests > 10_000_000) {
        throw new IllegalArgumentException(
            "requests: must lie between 1 and 10,000,000, not " + requests);
      }
    }
  }

  /**
   * Who makes the requests.
   *
   * @param number of users who return; 0: every request is a new user's
   * @param shape of the Pareto law of their activity, > 0; 1.1 is very uneven, 3 is even
   * @param proneness ≥ 0: standard deviation of the logarithm of what multiplies each user's error
   *     rate
   */
  public record Users(int number, double shape, double proneness) {
    /** Every request is a new user's. */
    public static final Users NEW = new Users(0, 2, 0);

    public Users {
      if (number < 0 || number > 10_000_000) {
        throw new IllegalArgumentException(
            "number: must lie between 0 and 10,000,000, not " + number);
      }
      positive("shape", shape);
      if (!(proneness >= 0 && proneness < 10)) {
        throw new IllegalArgumentException("proneness: must lie in [0, 10), not " + proneness);
      }
    }
  }

  /**
   * What Serin's guard is set to.
   *
   * @param alpha error level of the run, in (0, 1)
   * @param weight this guard's part of it, in (0, 1]
   * @param atLeast observed difference of rates without which it does not fire, ≥ 0, as a share
   */
  public record Guard(double alpha, double weight, double atLeast) {
    public Guard {
      inside("alpha", alpha);
      if (!(weight > 0 && weight <= 1)) {
        throw new IllegalArgumentException("weight: must lie in (0, 1], not " + weight);
      }
      if (!(alpha * weight >= LEAST_LEVEL && alpha * weight <= GREATEST_LEVEL)) {
        throw new IllegalArgumentException(
            "guard: alpha times weight must lie between .0008 and .15, not " + alpha * weight);
      }
      if (!(atLeast >= 0 && atLeast < 1)) {
        throw new IllegalArgumentException("atLeast: must lie in [0, 1), not " + atLeast);
      }
    }

    /** ln(1/(α·w)). */
    double threshold() {
      return -Math.log(alpha * weight);
    }
  }

  /**
   * What the others are set to.
   *
   * @param requestsPerMinute of both arms, > 0: windows are of time
   * @param gateSuccess the candidate's share of good requests that a window must have, in (0, 1);
   *     for a quantile a request is good below margin times control's true quantile, and q of them
   *     must be
   * @param gateFailures failed windows of one minute after which the gate rolls back, ≥ 1
   * @param rankMinutes minutes between two looks of the rank test, ≥ 1
   */
  public record Rivals(
      double requestsPerMinute, double gateSuccess, int gateFailures, int rankMinutes) {
    public Rivals {
      positive("requestsPerMinute", requestsPerMinute);
      inside("gateSuccess", gateSuccess);
      if (gateFailures < 1 || rankMinutes < 1) {
        throw new IllegalArgumentException(
            "gateFailures and rankMinutes: must be at least 1, not "
                + gateFailures
                + " and "
                + rankMinutes);
      }
    }
  }

  public CanaryScenario {
    stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("stages: at least one is required");
    }
    for (int i = 1; i < stages.size() && users.number() > 0; i++) {
      if (stages.get(i).share() < stages.get(i - 1).share()) {
        throw new IllegalArgumentException(
            "stages: a share must not shrink, as from "
                + stages.get(i - 1).share()
                + " to "
                + stages.get(i).share());
      }
    }
    if (!(drift >= 0 && drift <= 100)) {
      throw new IllegalArgumentException("drift: must lie between 0 and 100, not " + drift);
    }
    if (faultFrom < 0 || faultFrom >= stages.stream().mapToLong(Stage::requests).sum()) {
      throw new IllegalArgumentException(
          "faultFrom: must lie within the run's requests, not " + faultFrom);
    }
  }

  /**
   * The α of a file whose guard of the metric has α·w of it, beside two guards that these requests
   * tell nothing.
   */
  private double fileAlpha() {
    List<String> guards = List.of(metric, "feedback", "cache.hit");
    return Numerics.root(
        alpha ->
            alpha * ErrorBudget.of(alpha, guards, 1).weight(metric) - guard.alpha * guard.weight,
        LOWEST_ALPHA,
        HIGHEST_ALPHA);
  }

  /** The rollout file that Serin is given: these stages by time, this guard. */
  String rolloutFile() {
    StringBuilder file =
        new StringBuilder(
                "rollout: simulated\nvariants:\n  control: {url: http://localhost:8101/v1}\n  ")
            .append(CANDIDATE)
            .append(": {url: http://localhost:8102/v1}\nstages:\n");
    for (Stage stage : stages) {
      file.append("  - {weight: ")
          .append(decimal(100 * stage.share))
          .append("%, for: ")
          .append(Math.max(1, Math.round(60_000 * stage.requests / rivals.requestsPerMinute)))
          .append("ms, until: time}\n");
    }
    String margin = truth instanceof Truth.Quantile q ? decimal(100 * (q.margin() - 1)) + "%" : "0";
    String atLeast =
        truth instanceof Truth.Rate ? ", atLeast: " + decimal(100 * guard.atLeast) + "pp" : "";
    return file.append("guards:\n  - {metric: ")
        .append(metric)
        .append(", worseBy: ")
        .append(margin)
        .append(atLeast)
        .append(
            """
            , then: rollback}
              - {metric: feedback, worseBy: 0, then: rollback}
              - {metric: cache.hit, worseBy: 0, then: rollback}
            alpha:\s""")
        .append(new BigDecimal(fileAlpha()).round(new MathContext(6)).toPlainString())
        .append('\n')
        .toString();
  }

  private static String decimal(double value) {
    return new BigDecimal(value).setScale(4, RoundingMode.HALF_UP).toPlainString();
  }

  /** A request with this value of the metric; latencies are in milliseconds. */
  DrivenRollout.Measured measured(double value) {
    boolean hit = truth instanceof Truth.Rate && value == 1;
    boolean failed = hit && metric.equals("error.rate");
    boolean latency = metric.startsWith("latency");
    return new DrivenRollout.Measured(
        failed ? Observation.End.FAILED : Observation.End.OK,
        hit && !failed,
        latency ? Math.round(1_000 * value) : 100_000,
        metric.equals("tokens") ? Math.round(value) : 100);
  }

  /** Requests of all stages. */
  public long requests() {
    return stages.stream().mapToLong(Stage::requests).sum();
  }

  private static void inside(String name, double value) {
    if (!(value > 0 && value < 1)) {
      throw new IllegalArgumentException(
          name + ": must lie strictly between 0 and 1, not " + value);
    }
  }

  private static void positive(String name, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + ": must be positive and finite, not " + value);
    }
  }
}
