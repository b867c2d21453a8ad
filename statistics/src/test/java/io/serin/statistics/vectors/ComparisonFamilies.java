package io.serin.statistics.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.statistics.Interval;
import io.serin.statistics.comparison.AdjustedRatioSample;
import io.serin.statistics.comparison.AdjustedSample;
import io.serin.statistics.comparison.Effect;
import io.serin.statistics.comparison.MeanSample;
import io.serin.statistics.comparison.MeanTest;
import io.serin.statistics.comparison.MeanTest.Side;
import io.serin.statistics.comparison.Multiplicity;
import io.serin.statistics.comparison.OtherMultiplicity;
import io.serin.statistics.comparison.OtherProportions;
import io.serin.statistics.comparison.ProportionSample;
import io.serin.statistics.comparison.Proportions;
import io.serin.statistics.comparison.QuantileSample;
import io.serin.statistics.comparison.RatioSample;
import io.serin.statistics.comparison.Sample;
import io.serin.statistics.comparison.SequentialRegression;
import io.serin.statistics.comparison.SequentialRegression.Covariance;
import io.serin.statistics.comparison.StratifiedTables;
import io.serin.statistics.comparison.SummedSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tests of arms against each other. */
final class ComparisonFamilies {
  private ComparisonFamilies() {}

  static final List<Family> ALL =
      List.of(
          new Family(
              "mean test",
              v -> v.saysAny("ttest", "t-test two", "regressionadjusted"),
              ComparisonFamilies::meanTest),
          new Family("ratio of means", v -> v.says("ratio of means"), ComparisonFamilies::ratio),
          new Family(
              "quantile variance", v -> v.says("quantile variance"), ComparisonFamilies::quantile),
          new Family("regression", v -> v.says("anytime-valid"), ComparisonFamilies::regression),
          new Family(
              "stratified tables",
              v -> v.saysAny("pooled rates", "cmh", "mantel", "breslow", "stratified"),
              ComparisonFamilies::tables),
          new Family("e-BH", v -> v.saysAny("e-bh", "ebh"), ComparisonFamilies::eBenjaminiHochberg),
          new Family(
              "adjusted p",
              v -> v.saysAny("holm", "hochberg", "bonferroni", "adjusted p"),
              ComparisonFamilies::adjusted),
          new Family("mcnemar", v -> v.mentions("mcnemar"), ComparisonFamilies::mcNemar),
          new Family(
              "difference of proportions",
              v -> v.mentions("newcomb", "proportions_2indep", "wald", "agresti") && v.has("x1"),
              ComparisonFamilies::difference),
          new Family("wilson", v -> v.mentions("wilson"), ComparisonFamilies::wilson),
          new Family(
              "z-test",
              v -> v.mentions("proportions_ztest", "two-proportion z") || v.says("z and p"),
              ComparisonFamilies::zTest),
          new Family(
              "order statistics",
              v -> v.mentions("order-statistic", "order statistic") && !v.says("sequence"),
              ComparisonFamilies::ranks));

  private static Object meanTest(Vector v) {
    boolean adjustedRatio = v.says("ratio");
    boolean relative = !v.says("absolute");
    Sample[] arms = arms(v, adjustedRatio);
    Effect effect = Effect.of(arms[0], arms[1], relative);
    Side side =
        v.saysAny("greater")
            ? Side.GREATER
            : v.saysAny("lesser", "less") ? Side.LESS : Side.TWO_SIDED;
    double alpha = v.numberOr(0.05, "alpha");
    double tuning =
        v.numberOr(
            v.written(MeanTest.TUNED_UNITS, "N\\s*\\*\\s*="),
            "tuning",
            "N_star",
            "n_star",
            "sequential_tuning_parameter");
    MeanTest.Result result =
        v.says("sequential")
            ? MeanTest.atEveryLook(effect, side, alpha, tuning)
            : MeanTest.atOneLook(effect, side, alpha, v.numberOr(0, "test_value", "null"));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("expected", result.estimate());
    map.put("estimate", result.estimate());
    map.put("ci", result.interval());
    map.put("ci_low", result.interval().low());
    map.put("ci_high", result.interval().high());
    map.put("ci_upper", result.interval().high());
    map.put("ci_lower", result.interval().low());
    map.put("se", result.standardError());
    map.put("p", result.pValue());
    map.put("p_value", result.pValue());
    map.put("dof", effect.degreesOfFreedom());
    return map;
  }

  private static Sample[] arms(Vector v, boolean ratio) {
    JsonNode a = v.any("a", "control", "stat_a");
    JsonNode b = v.any("b", "treatment", "variation", "stat_b");
    if (a.isMissingNode()) {
      String reference = v.inputs().path("ref").asText();
      Matcher name = Pattern.compile("test_\\w+").matcher(reference);
      String key =
          name.find()
              ? name.group()
              : ratio ? "test_sequential_test_runs_ratio_ra" : "test_sequential_test_runs_ra";
      JsonNode fixture = Fixtures.moments(key);
      a = fixture.path("a");
      b = fixture.path("b");
    }
    boolean proportions = v.mentions("proportion", "binom") || !a.has("sum_squares");
    return new Sample[] {sample(a, proportions), sample(b, proportions)};
  }

  private static Sample sample(JsonNode node, boolean proportions) {
    long n = node.path("n").asLong();
    if (node.has("m_post")) {
      JsonNode p = node.path("products");
      return new AdjustedRatioSample(
          summed(node.path("m_post"), n, proportions),
          summed(node.path("d_post"), n, proportions),
          summed(node.path("m_pre"), n, proportions),
          summed(node.path("d_pre"), n, proportions),
          new AdjustedRatioSample.Products(
              p.path("m_post_m_pre").asDouble(),
              p.path("d_post_d_pre").asDouble(),
              p.path("m_pre_d_pre").asDouble(),
              p.path("m_post_d_post").asDouble(),
              p.path("m_post_d_pre").asDouble(),
              p.path("m_pre_d_post").asDouble()),
          0);
    }
    if (node.has("post")) {
      return new AdjustedSample(
          summed(node.path("post"), n, proportions),
          summed(node.path("pre"), n, proportions),
          node.path("post_pre_sum_of_products").asDouble(),
          0);
    }
    if (node.has("m")) {
      return new RatioSample(
          summed(node.path("m"), n, false),
          summed(node.path("d"), n, false),
          node.path("sum_of_products").asDouble());
    }
    return (Sample) summed(node, n, proportions && !node.has("sum_squares"));
  }

  private static SummedSample summed(JsonNode node, long n, boolean proportion) {
    double sum = node.path("sum").asDouble();
    return proportion && !node.has("sum_squares")
        ? new ProportionSample(n, sum)
        : new MeanSample(n, sum, node.path("sum_squares").asDouble());
  }

  private static Object ratio(Vector v) {
    RatioSample ratio = RatioSample.of(v.array("m", "numerator"), v.array("d", "denominator"));
    return Map.of(
        "mean", ratio.mean(),
        "variance", ratio.variance(),
        "se", Math.sqrt(ratio.variance() / ratio.n()),
        "cov", ratio.covariance());
  }

  private static Object quantile(Vector v) {
    QuantileSample.Clusters clusters =
        v.has("clusters") || v.has("n_clusters")
            ? new QuantileSample.Clusters(
                v.number("sum_s"),
                v.number("sum_s2"),
                v.number("sum_n"),
                v.number("sum_n2"),
                v.number("sum_sn"),
                (long) v.number("clusters", "n_clusters"))
            : QuantileSample.Clusters.NONE;
    long n = (long) v.number("n");
    QuantileSample sample =
        new QuantileSample(
            n,
            v.numberOr((double) n, "n_star"),
            v.number("nu", "p"),
            v.number("q", "quantile"),
            v.number("q_lower", "quantile_lower"),
            v.number("q_upper", "quantile_upper"),
            clusters);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("var_init", sample.rawVariance());
    map.put("variance", sample.variance());
    map.put("iid_var", sample.independentVariance());
    map.put("se", Math.sqrt(sample.variance() / n));
    if (clusters.number() > 0) {
      map.put("cluster_var", clusters.variance());
    }
    return map;
  }

  private static Object regression(Vector v) {
    JsonNode data = Fixtures.moments("longley");
    String[] names = {"Intercept", "GNP", "UNEMP"};
    double[] gnp = Vector.values(data.path("GNP"));
    double[] unemployed = Vector.values(data.path("UNEMP"));
    double[][] design = new double[gnp.length][];
    for (int i = 0; i < gnp.length; i++) {
      design[i] = new double[] {1, gnp[i], unemployed[i]};
    }
    Covariance covariance =
        Arrays.stream(Covariance.values())
            .filter(c -> v.says(c.name()))
            .findFirst()
            .orElse(Covariance.IID);
    double precision = v.numberOr(v.written(1, "g\\s*="), "g", "mixture_precision");
    SequentialRegression fit =
        new SequentialRegression(design, Vector.values(data.path("TOTEMP")), covariance, precision);
    List<Integer> chosen = new ArrayList<>();
    for (int j = 0; j < names.length; j++) {
      if (v.says(names[j])) {
        chosen.add(j);
      }
    }
    if (chosen.isEmpty()) {
      for (int j = v.expected().size() == 2 ? 1 : 0; j < names.length; j++) {
        chosen.add(j);
      }
    }
    double alpha = v.numberOr(0.05, "alpha");
    List<Object> result = new ArrayList<>();
    for (int j : chosen) {
      result.add(
          v.saysAny("p-value", "p value", "pvalue")
              ? fit.pValue(j)
              : v.saysAny("e-value", "evalue")
                  ? Math.exp(fit.logE(j))
                  : (Object) fit.interval(j, alpha));
    }
    return result;
  }

  private static Object tables(Vector v) {
    List<StratifiedTables.Table> strata = new ArrayList<>();
    v.inputs()
        .forEach(
            node -> {
              if (node.isObject()) {
                JsonNode t = node.has("T") ? node.get("T") : node.path("treatment");
                JsonNode c = node.has("C") ? node.get("C") : node.path("control");
                strata.add(
                    new StratifiedTables.Table(
                        t.path(0).asDouble(),
                        t.path(1).asDouble(),
                        c.path(0).asDouble(),
                        c.path(1).asDouble()));
              }
            });
    StratifiedTables tables = new StratifiedTables(strata);
    StratifiedTables.Table pooled = tables.pooled();
    Proportions.Test corrected = tables.cochranMantelHaenszel(true);
    Proportions.Test plain = tables.cochranMantelHaenszel(false);
    Interval interval = tables.oddsRatioInterval(v.numberOr(0.05, "alpha"));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("T", pooled.candidateEvents() / pooled.candidateUnits());
    map.put("C", pooled.controlEvents() / pooled.controlUnits());
    map.put("pooled_or", pooled.oddsRatio());
    map.put("pooled_rr", pooled.riskRatio());
    for (String key :
        List.of("mh_or", "or_mh", "oddsratio_pooled", "mantel_haenszel_or", "or", "odds_ratio")) {
      map.put(key, tables.oddsRatio());
    }
    for (String key : List.of("mh_rr", "rr_mh", "riskratio_pooled", "mantel_haenszel_rr", "rr")) {
      map.put(key, tables.riskRatio());
    }
    for (String key : List.of("mh_rd", "rd")) {
      map.put(key, tables.riskDifference());
    }
    for (String key : List.of("log_or", "logodds_pooled", "mh_log_or")) {
      map.put(key, Math.log(tables.oddsRatio()));
    }
    for (String key :
        List.of("se", "se_log_or", "log_or_se", "logodds_pooled_se", "mh_log_or_se")) {
      map.put(key, tables.logOddsRatioError());
    }
    for (String key : List.of("ci", "or_ci", "mh_or_ci", "mh_ci")) {
      map.put(key, interval);
    }
    map.put("ci_low", interval.low());
    map.put("ci_high", interval.high());
    map.put("cmh_corrected", corrected.statistic());
    map.put("cmh_corrected_p", corrected.pValue());
    for (String key : List.of("cmh", "cmh_uncorrected")) {
      map.put(key, plain.statistic());
      map.put(key + "_p", plain.pValue());
    }
    map.put("breslow_day", tables.breslowDay(false).statistic());
    map.put("breslow_day_p", tables.breslowDay(false).pValue());
    map.put("breslow_day_tarone", tables.breslowDay(true).statistic());
    map.put("breslow_day_tarone_p", tables.breslowDay(true).pValue());
    map.put("tarone", tables.breslowDay(true).statistic());
    map.put("tarone_p", tables.breslowDay(true).pValue());
    for (int i = 0; i < strata.size(); i++) {
      map.put("day" + (i + 1) + "_or", strata.get(i).oddsRatio());
      map.put("day" + (i + 1), strata.get(i).oddsRatio());
    }
    if (v.expected().isNumber()) {
      String key =
          v.says("breslow")
              ? "breslow_day"
              : v.says("pooled rate")
                  ? "pooled_or"
                  : v.says("cmh")
                      ? (v.saysAny("without", "uncorrected") ? "cmh" : "cmh_corrected")
                      : v.says("risk") ? "mh_rr" : "mh_or";
      return map.getOrDefault(key, Double.NaN);
    }
    return map;
  }

  private static Object eBenjaminiHochberg(Vector v) {
    double[] e = v.array("e", "e_values");
    double alpha = v.numberOr(0.05, "alpha");
    int rejected = OtherMultiplicity.eBenjaminiHochberg(e, alpha);
    return v.expected().isNumber()
        ? (Object) (double) rejected
        : Map.of(
            "rejected",
            (double) rejected,
            "thresholds",
            OtherMultiplicity.eThresholds(e.length, alpha));
  }

  private static Object adjusted(Vector v) {
    double[] p = v.array("p", "p_values", "pvalues");
    String text = (v.function() + " " + v.textOr("", "method")).toLowerCase(Locale.ROOT);
    if (text.contains("benjamini") || text.contains("bh ") || text.contains("fdr")) {
      return Multiplicity.benjaminiHochberg(p);
    }
    if (text.contains("hochberg")) {
      return OtherMultiplicity.hochberg(p);
    }
    return text.contains("bonferroni") && !text.contains("holm")
        ? OtherMultiplicity.bonferroni(p)
        : Multiplicity.holm(p);
  }

  private static Object mcNemar(Vector v) {
    long b = (long) v.numberOr(v.written(0, "b\\s*="), "b");
    long c = (long) v.numberOr(v.written(0, "c\\s*="), "c");
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("exact", Proportions.mcNemarExact(b, c).pValue());
    map.put("cc", Proportions.mcNemar(b, c, true).pValue());
    map.put("nocc", Proportions.mcNemar(b, c, false).pValue());
    map.put("cc_statistic", Proportions.mcNemar(b, c, true).statistic());
    map.put("nocc_statistic", Proportions.mcNemar(b, c, false).statistic());
    if (v.expected().isNumber()) {
      return map.getOrDefault(
          v.says("without")
              ? "nocc"
              : v.saysAny("with cc", "continuity", "corrected") ? "cc" : "exact",
          Double.NaN);
    }
    return map;
  }

  private static Object difference(Vector v) {
    double x1 = v.number("x1");
    double n1 = v.number("n1");
    double x2 = v.number("x2");
    double n2 = v.number("n2");
    double alpha = v.numberOr(0.05, "alpha");
    if (v.mentions("agresti")) {
      return OtherProportions.agrestiCaffo(x1, n1, x2, n2, alpha);
    }
    return v.mentions("wald")
        ? OtherProportions.wald(x1, n1, x2, n2, alpha)
        : Proportions.newcombe(x1, n1, x2, n2, alpha);
  }

  private static Object wilson(Vector v) {
    return Proportions.wilson(
        v.number("x", "successes", "count"),
        v.number("n", "trials", "nobs"),
        v.numberOr(0.05, "alpha"));
  }

  private static Object zTest(Vector v) {
    double[] x = v.array("x", "count");
    double[] n = v.array("n", "nobs");
    Proportions.Test test =
        v.says("unpooled")
            ? Proportions.unpooledZ(x[0], n[0], x[1], n[1])
            : Proportions.pooledZ(x[0], n[0], x[1], n[1]);
    return Map.of("z", test.statistic(), "p", test.pValue());
  }

  private static Object ranks(Vector v) {
    OtherProportions.Ranks ranks =
        OtherProportions.quantileRanks(
            (int) v.number("n"), v.number("q", "p"), v.numberOr(0.05, "alpha"));
    return Map.of(
        "lower",
        (double) ranks.lower(),
        "upper",
        (double) ranks.upper(),
        "coverage",
        ranks.coverage());
  }
}
