package io.serin.simulation;

import io.serin.statistics.design.BetGrowth;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.RateProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Requests until a guard, as it ships with restarts on, finds a candidate that is worse, one
 * request a unit: simulated, since the overshoot and the price of the mixtures have no simple
 * formula. The mean lies 1.2 to 1.6 times above {@link io.serin.statistics.design.DetectionLimit}.
 * Immutable.
 */
public final class DetectionTimes {
  private static final double CAP = 60;
  private static final int PER_WINDOW = 100;
  private static final int FEWEST_EVENTS = 3;

  private final double[] sorted;
  private final double limit;

  private DetectionTimes(double[] requests, double limit) {
    this.sorted = requests;
    this.limit = limit;
    Arrays.sort(sorted);
  }

  /**
   * For the rate of an event: {@link RateProcess}, or with a margin the event-label process alone.
   *
   * @param share ρ of the candidate, in (0, 1)
   * @param control p₀ in (0, 1)
   * @param candidate p₁ in (0, 1), above margin·p₀
   * @param margin relative risk that is allowed, ≥ 1
   * @param atLeast observed difference without which the guard does not fire, ≥ 0
   * @param threshold ln(1/(α·w))
   * @param runs ≥ 1
   */
  public static DetectionTimes rate(
      double share,
      double control,
      double candidate,
      double margin,
      double atLeast,
      double threshold,
      long seed,
      int runs) {
    if (!(candidate > margin * control)) {
      throw new IllegalArgumentException(
          "candidate: must be above what is allowed, " + margin * control + ", not " + candidate);
    }
    double growth =
        margin == 1
            ? BetGrowth.exceedance(share, control, candidate).mean()
            : labels(share, control, candidate, margin);
    double limit = threshold / growth;
    ToDoubleFunction<SplittableRandom> run =
        margin == 1
            ? r -> shipped(r, share, control, candidate, atLeast, threshold, CAP * limit)
            : r -> events(r, share, control, candidate, margin, atLeast, threshold, CAP * limit);
    return new DetectionTimes(Runs.of(seed, runs, run), limit);
  }

  /**
   * For an outcome that each unit shows once, such as a rating: the bet with both outcomes.
   *
   * @param share ρ of the candidate, in (0, 1)
   * @param control p₀ in (0, 1)
   * @param candidate p₁ in (p₀, 1)
   * @param threshold ln(1/(α·w))
   * @param runs ≥ 1
   */
  public static DetectionTimes outcome(
      double share, double control, double candidate, double threshold, long seed, int runs) {
    if (!(candidate > control)) {
      throw new IllegalArgumentException(
          "candidate: must be above control's " + control + ", not " + candidate);
    }
    double limit = threshold / BetGrowth.exceedance(share, control, candidate).mean();
    return new DetectionTimes(
        Runs.of(
            seed, runs, r -> bothOutcomes(r, share, control, candidate, threshold, CAP * limit)),
        limit);
  }

  /**
   * For a quantile of a lognormal value with a margin: the bet with both outcomes on each unit's
   * request, and for latency the event-label process on requests above c_.95, at half of the level
   * each.
   *
   * @param quantile q in (0, 1)
   * @param sigma standard deviation of the logarithm, > 0
   * @param factor how many times control's values the candidate's are, above margin
   * @param margin as a factor, ≥ 1
   * @param second whether the guard has the second process, as latency has
   */
  public static DetectionTimes quantile(
      double share,
      double quantile,
      double sigma,
      double factor,
      double margin,
      boolean second,
      double threshold,
      long seed,
      int runs) {
    if (!(factor > margin)) {
      throw new IllegalArgumentException(
          "factor: must be above what is allowed, " + margin + ", not " + factor);
    }
    double above = BetGrowth.exceeding(quantile, sigma, factor / margin);
    double slow = BetGrowth.exceeding(0.95, sigma, factor / margin);
    double limit = threshold / BetGrowth.exceedance(share, 1 - quantile, above).mean();
    double fire = second ? threshold + Math.log(2) : threshold;
    return new DetectionTimes(
        Runs.of(
            seed,
            runs,
            r ->
                values(
                    r,
                    share,
                    quantile,
                    Math.log(factor / margin) / sigma,
                    second,
                    fire,
                    CAP * limit)),
        second
            ? Math.min(limit, threshold / BetGrowth.exceedance(share, 0.05, slow).mean())
            : limit);
  }

  private static double labels(double share, double control, double candidate, double margin) {
    double pooled = share * candidate + (1 - share) * control;
    double allowed = share * margin / (share * margin + 1 - share);
    double label = share * candidate / pooled;
    return pooled
        * (label * Math.log(label / allowed) + (1 - label) * Math.log((1 - label) / (1 - allowed)));
  }

  /**
   * Requests until the guard as it ships fires: between two events lies a geometric number of
   * requests without.
   */
  public static double shipped(
      SplittableRandom random,
      double share,
      double control,
      double candidate,
      double atLeast,
      double threshold,
      double cap) {
    RateProcess process = new RateProcess();
    Stratum stratum = new Stratum("all", share);
    double pooled = share * candidate + (1 - share) * control;
    double label = share * candidate / pooled;
    double quietLabel = share * (1 - candidate) / (1 - pooled);
    double logQuiet = Math.log1p(-pooled);
    long requests = 0;
    while (requests < cap) {
      long event = requests + 1 + (long) (Math.log1p(-random.nextDouble()) / logQuiet);
      while (requests + 1 < event) {
        long window = requests / PER_WINDOW;
        long until = Math.min(event - 1, (window + 1) * PER_WINDOW);
        long ofCandidate = 0;
        for (long i = requests; i < until; i++) {
          ofCandidate += random.nextDouble() < quietLabel ? 1 : 0;
        }
        process.quiet(window, stratum, ofCandidate, until - requests - ofCandidate);
        requests = until;
      }
      process.event(requests / PER_WINDOW, stratum, random.nextDouble() < label);
      requests = event;
      if (process.logE() >= threshold
          && enough(
              process.candidateEvents(),
              process.controlEvents(),
              share,
              (double) requests,
              atLeast)) {
        return requests;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** Only events are drawn: between two of them lies a geometric number of requests. */
  private static double events(
      SplittableRandom random,
      double share,
      double control,
      double candidate,
      double margin,
      double atLeast,
      double threshold,
      double cap) {
    EventLabelProcess process = new EventLabelProcess(EventLabelDesign.worse());
    Stratum stratum = new Stratum("all", share, margin);
    double pooled = share * candidate + (1 - share) * control;
    double label = share * candidate / pooled;
    double logQuiet = Math.log1p(-pooled);
    double requests = 0;
    while (requests < cap) {
      requests += 1 + Math.floor(Math.log1p(-random.nextDouble()) / logQuiet);
      process.add((long) (requests / PER_WINDOW), stratum, random.nextDouble() < label);
      if (process.logE() >= threshold
          && enough(process.candidateEvents(), process.controlEvents(), share, requests, atLeast)) {
        return requests;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** Whether the rules beside the test hold: the fewest events, the least observed difference. */
  private static boolean enough(
      long candidateEvents, long controlEvents, double share, double requests, double atLeast) {
    return candidateEvents >= FEWEST_EVENTS
        && candidateEvents / (share * requests) - controlEvents / ((1 - share) * requests)
            >= atLeast;
  }

  private static double bothOutcomes(
      SplittableRandom random,
      double share,
      double control,
      double candidate,
      double threshold,
      double cap) {
    ExceedanceProcess process = new ExceedanceProcess(ExceedanceDesign.slower());
    Stratum stratum = new Stratum("all", share);
    for (long i = 1; i <= Math.max(10_000, cap); i++) {
      boolean arm = random.nextDouble() < share;
      process.add(
          i / PER_WINDOW, 0, stratum, arm, random.nextDouble() < (arm ? candidate : control));
      if (process.logE() >= threshold) {
        return i;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  private static double values(
      SplittableRandom random,
      double share,
      double quantile,
      double shift,
      boolean second,
      double fire,
      double cap) {
    ExceedanceProcess first = new ExceedanceProcess(ExceedanceDesign.slower());
    EventLabelProcess slow = new EventLabelProcess(EventLabelDesign.worse());
    Stratum stratum = new Stratum("all", share);
    double threshold = io.serin.statistics.Numerics.normalQuantile(quantile);
    double tail = io.serin.statistics.Numerics.normalQuantile(0.95);
    for (long i = 1; i <= Math.max(10_000, cap); i++) {
      boolean arm = random.nextDouble() < share;
      double z = random.nextGaussian() + (arm ? shift : 0);
      first.add(i / PER_WINDOW, 0, stratum, arm, z > threshold);
      boolean fired = first.logE() >= fire;
      if (second && z > tail) {
        slow.add(i / PER_WINDOW, stratum, arm);
        fired |= slow.logE() >= fire;
      }
      if (fired) {
        return i;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** Fewest expected requests of any test of the same observations and level. */
  public double limit() {
    return limit;
  }

  /** Mean requests of both arms; infinite where a run did not find it within 60 times the limit. */
  public double mean() {
    return Arrays.stream(sorted).average().orElse(Double.NaN);
  }

  /** Requests by which a share p of runs has found it. */
  public double quantile(double p) {
    return sorted[Math.clamp((int) Math.ceil(p * sorted.length) - 1, 0, sorted.length - 1)];
  }
}
