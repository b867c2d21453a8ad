package io.serin.statistics.vectors;

import io.serin.statistics.Interval;
import io.serin.statistics.confidence.AsymptoticSequence;
import io.serin.statistics.confidence.BernoulliSequence;
import io.serin.statistics.confidence.BetaBinomialMixture;
import io.serin.statistics.confidence.DelayedStart;
import io.serin.statistics.confidence.DoubleStitching;
import io.serin.statistics.confidence.EmpiricalProcessBound;
import io.serin.statistics.confidence.ExponentialMixture;
import io.serin.statistics.confidence.GammaExponentialMixture;
import io.serin.statistics.confidence.GammaPoissonMixture;
import io.serin.statistics.confidence.MixtureMartingale;
import io.serin.statistics.confidence.MixtureSprt;
import io.serin.statistics.confidence.NormalMixture;
import io.serin.statistics.confidence.OtherSprt;
import io.serin.statistics.confidence.PolynomialStitching;
import io.serin.statistics.confidence.QuantileComparison;
import io.serin.statistics.confidence.QuantileSequence;
import io.serin.statistics.sketch.LogSketch;
import io.serin.statistics.sketch.SketchError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Confidence sequences, boundaries and sketches. */
final class SequenceFamilies {
  private SequenceFamilies() {}

  static final List<Family> ALL =
      List.of(
          new Family("best rho", v -> v.says("best_rho"), SequenceFamilies::bestRho),
          new Family(
              "mixture value",
              v -> v.says("_log_mixture"),
              v -> mixture(v).logValue(v.number("s"), v.number("v"))),
          new Family(
              "mixture bound",
              v -> v.says("_mixture_bound"),
              v -> mixture(v).bound(v.number("v"), v.number("alpha"))),
          new Family(
              "polynomial stitching", v -> v.says("poly_stitching"), SequenceFamilies::polynomial),
          new Family(
              "double stitching",
              v -> v.says("double_stitching"),
              SequenceFamilies::doubleStitching),
          new Family(
              "empirical process",
              v -> v.says("empirical_process"),
              SequenceFamilies::empiricalProcess),
          new Family(
              "quantile comparison",
              v -> v.says("quantile_ab"),
              SequenceFamilies::quantileComparison),
          new Family("bernoulli sequence", v -> v.says("bernoulli"), SequenceFamilies::bernoulli),
          new Family(
              "quantile sequence",
              v ->
                  v.says("quantile confidence sequence")
                      || v.says("fixed-quantile")
                      || v.says("uniform-quantile"),
              SequenceFamilies::quantileSequence),
          new Family(
              "asymptotic sequence",
              v -> v.saysAny("asympcs", "half-width, unit variance"),
              SequenceFamilies::asymptotic),
          new Family(
              "mixture of bets",
              v -> v.says("mixture e-process", "lambda"),
              SequenceFamilies::bets),
          new Family(
              "one-sided normal width", v -> v.says("normal cs width"), SequenceFamilies::width),
          new Family(
              "delayed start",
              v ->
                  v.saysAny(
                      "psi^{-1}",
                      "psi^-1",
                      "delayed-start",
                      "robbins-siegmund",
                      "robbins–siegmund"),
              SequenceFamilies::delayedStart),
          new Family("mixture sprt", v -> v.saysAny("msprt", "lambda_n"), SequenceFamilies::sprt),
          new Family(
              "mixing variance",
              v -> v.saysAny("tau^2", "tau2", "calctau"),
              SequenceFamilies::mixingVariance),
          new Family(
              "multiplier", v -> v.says("critical multiplier"), SequenceFamilies::multiplier),
          new Family(
              "tied multiplier",
              v -> v.says("z*"),
              v -> each(v.array("alpha"), OtherSprt::tiedMultiplier)),
          new Family("log sketch", v -> v.says("ddsketch"), SequenceFamilies::sketch),
          new Family("kll", v -> v.says("kll"), SequenceFamilies::kll));

  private static Object each(double[] inputs, java.util.function.DoubleUnaryOperator f) {
    return inputs.length == 1
        ? (Object) f.applyAsDouble(inputs[0])
        : Arrays.stream(inputs).map(f).toArray();
  }

  private static boolean oneSided(Vector v) {
    return v.flagOr(!v.saysAny("two-sided", "twosided"), "one_sided", "is_one_sided");
  }

  private static Object bestRho(Vector v) {
    boolean oneSided = v.flagOr(v.saysAny("onesided", "one-sided"), "one_sided", "is_one_sided");
    return NormalMixture.bestRho(
        v.number("v", "v_opt"), v.numberOr(0.05, "alpha", "alpha_opt"), oneSided);
  }

  private static MixtureMartingale mixture(Vector v) {
    double tuned = v.number("v_opt");
    double alpha = v.numberOr(0.05, "alpha_opt");
    if (v.says("gamma_exponential")) {
      return GammaExponentialMixture.tunedFor(tuned, alpha, v.number("c"));
    }
    if (v.says("gamma_poisson")) {
      return GammaPoissonMixture.tunedFor(tuned, alpha, v.number("c"));
    }
    return v.says("beta_binomial")
        ? BetaBinomialMixture.tunedFor(tuned, alpha, v.number("g"), v.number("h"), oneSided(v))
        : NormalMixture.tunedFor(tuned, alpha, oneSided(v));
  }

  private static Object polynomial(Vector v) {
    return new PolynomialStitching(
            v.number("v_min"), v.numberOr(0, "c"), v.numberOr(1.4, "s"), v.numberOr(2, "eta"))
        .bound(v.number("v"), v.number("alpha"));
  }

  private static Object doubleStitching(Vector v) {
    return new DoubleStitching(
            v.number("t_opt", "t_min"),
            v.numberOr(0.5, "delta"),
            v.numberOr(1.4, "s"),
            v.numberOr(2, "eta"))
        .bound(v.number("quantile_p", "p"), v.number("t"), v.number("alpha"));
  }

  private static Object empiricalProcess(Vector v) {
    return EmpiricalProcessBound.at(
            v.number("alpha"), v.number("t_min"), v.numberOr(0.85, "A", "a"))
        .at(v.number("t"));
  }

  private static Object quantileComparison(Vector v) {
    return new QuantileComparison(
            v.number("p", "quantile_p"), v.numberOr(100, "t_opt"), v.numberOr(0.05, "alpha_opt"))
        .pValue(v.array("a"), v.array("b"));
  }

  private static Object bernoulli(Vector v) {
    double alpha = v.numberOr(0.05, "alpha");
    return BernoulliSequence.interval(
        v.number("successes", "num_successes"),
        v.number("trials", "num_trials"),
        alpha,
        v.number("t_opt"),
        v.numberOr(0.05, "alpha_opt"));
  }

  private static Object quantileSequence(Vector v) {
    double p = v.number("p");
    double t = v.number("t");
    if (v.says("uniform")) {
      double radius =
          EmpiricalProcessBound.at(
                  v.numberOr(0.05, "alpha"), v.number("t_min"), v.numberOr(0.85, "A"))
              .at(t);
      return Map.of(
          "lower_radius",
          radius,
          "upper_radius",
          radius,
          "lower_index_1based",
          Math.floor(t * (p - radius) + 1),
          "upper_index_1based",
          Math.ceil(t * (p + radius)));
    }
    QuantileSequence.Ranks ranks =
        new QuantileSequence(
                p, v.numberOr(0.05, "alpha"), v.number("t_opt"), v.numberOr(0.05, "alpha_opt"))
            .ranks(t);
    return Map.of(
        "lower_radius",
        ranks.lowerRadius(),
        "upper_radius",
        ranks.upperRadius(),
        "lower_index_1based",
        (double) ranks.lower(),
        "upper_index_1based",
        (double) ranks.upper());
  }

  private static Object asymptotic(Vector v) {
    double variance = v.numberOr(1, "s2", "variance");
    double n = v.number("n");
    double tuned = v.numberOr(v.written(5000, "N\\*\\s*="), "N_star", "n_star", "tuning");
    double alpha = v.numberOr(0.05, "alpha");
    Map<String, Object> both =
        Map.of(
            "two_sided", AsymptoticSequence.tunedFor(tuned, alpha, false).halfWidth(variance, n),
            "one_sided", AsymptoticSequence.tunedFor(tuned, alpha, true).halfWidth(variance, n));
    return v.expected().isObject()
        ? both
        : both.getOrDefault(v.saysAny("one-sided", "one_sided") ? "one_sided" : "two_sided", 0);
  }

  private static Object bets(Vector v) {
    return ExponentialMixture.logValues(
        v.array("x"), v.array("weights"), v.array("lambdas", "lambda"));
  }

  private static Object width(Vector v) {
    return ExponentialMixture.width(
        v.numberOr(0.05, "alpha"), v.number("n"), v.numberOr(1, "lambda_", "lambda"));
  }

  private static Object delayedStart(Vector v) {
    double[] alphas = v.array("alpha");
    if (!v.has("t")) {
      return each(alphas, DelayedStart::quantile);
    }
    double first = v.numberOr(DelayedStart.UNITS, "t0", "t_0", "t_min", "m");
    DelayedStart boundary = new DelayedStart(first, alphas[0]);
    return each(v.array("t", "n"), t -> boundary.halfWidth(v.numberOr(1, "sigma", "sd"), t));
  }

  private static Object sprt(Vector v) {
    return OtherSprt.likelihoodRatio(
        v.number("n"),
        v.number("diff", "difference") - v.numberOr(0, "theta", "theta0"),
        v.has("V") ? v.number("V") : 2 * v.number("sigma2", "variance"),
        v.number("tau2", "tau^2"));
  }

  private static Object mixingVariance(Vector v) {
    return OtherSprt.mixingVariance(
        v.number("alpha"), v.numberOr(1, "sigma"), v.number("truncation", "n", "N"));
  }

  private static Object multiplier(Vector v) {
    double alpha = v.number("alpha");
    double tuned = v.numberOr(v.written(10_000, "N_?tune\\s*="), "N_tune", "n_tune", "N");
    double rho = NormalMixture.bestRho(tuned, alpha, false);
    Object multipliers = each(v.array("t", "n"), t -> MixtureSprt.multiplier(t, rho, alpha));
    return v.expected().isObject() ? Map.of("rho", rho, "B", multipliers) : multipliers;
  }

  /** "DDSketch logarithmicUnboundedDense(0.01) on 1..1000: p50,p95,p99". */
  private static Object sketch(Vector v) {
    double error = v.numberOr(v.written(0.01, "Dense\\("), "relative_accuracy", "accuracy");
    LogSketch sketch = new LogSketch((1 + error) / (1 - error));
    Matcher range = Pattern.compile("(\\d+)\\.\\.(\\d+)").matcher(v.function());
    double[] values = v.array("values", "data", "x");
    if (values.length == 0 && range.find()) {
      for (int i = Integer.parseInt(range.group(1)); i <= Integer.parseInt(range.group(2)); i++) {
        sketch.add(i);
      }
    }
    for (double value : values) {
      sketch.add(value);
    }
    List<Double> quantiles = new ArrayList<>();
    for (double q : v.array("quantiles", "q")) {
      quantiles.add(q);
    }
    Matcher named = Pattern.compile("p(\\d+(?:\\.\\d+)?)").matcher(v.function());
    while (quantiles.size() < Math.max(1, v.expected().size()) && named.find()) {
      String digits = named.group(1);
      boolean perMille = digits.length() == 3 && digits.startsWith("99");
      quantiles.add(Double.parseDouble(digits) / (perMille ? 1000 : 100));
    }
    double[] result = quantiles.stream().mapToDouble(sketch::quantile).toArray();
    return v.expected().isNumber() ? (Object) result[0] : result;
  }

  private static Object kll(Vector v) {
    int k = (int) v.numberOr(v.written(200, "k\\s*="), "k");
    double[] both = {SketchError.kllRankError(k, false), SketchError.kllRankError(k, true)};
    return v.expected().isNumber() ? (Object) both[v.says("double") ? 1 : 0] : both;
  }

  static double[] ends(Interval interval) {
    return new double[] {interval.low(), interval.high()};
  }
}
