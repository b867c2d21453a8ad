package io.serin.statistics.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.statistics.Logs;
import io.serin.statistics.sequential.ChiSquare;
import io.serin.statistics.sequential.ConditionalTables;
import io.serin.statistics.sequential.ConditionalTables.NoncentralHypergeometric;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.PluginTables;
import io.serin.statistics.sequential.SampleRatio;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** E-processes. */
final class SequentialFamilies {
  private SequentialFamilies() {}

  static final List<Family> ALL =
      List.of(
          new Family("chi-square", v -> v.says("chi-square"), SequentialFamilies::chiSquare),
          new Family(
              "sequential sample ratio",
              v -> v.says("sequential dirichlet"),
              SequentialFamilies::sequentialRatio),
          new Family(
              "sample ratio", v -> v.says("dirichlet-multinomial"), SequentialFamilies::ratio),
          new Family(
              "noncentral hypergeometric",
              v -> v.says("noncentral hypergeometric"),
              SequentialFamilies::pmf),
          new Family("conditional block", v -> v.says("block e-value"), SequentialFamilies::block),
          new Family("conditional blocks", v -> v.says("over odds"), SequentialFamilies::blocks),
          new Family(
              "plug-in tables",
              v -> v.saysAny("turner", "2x2 e-value"),
              SequentialFamilies::plugin),
          new Family(
              "event labels",
              v -> v.says("event-label") || (v.has("rr") && v.has("rho")),
              SequentialFamilies::labels));

  /** A weight of 0 or less takes its variation out, as does a missing count. */
  private static Object chiSquare(Vector v) {
    long[] observed = Vector.counts(v.any("observed", "users", "counts"));
    double[] weights = v.array("weights", "expected_weights");
    List<Long> units = new ArrayList<>();
    List<Double> shares = new ArrayList<>();
    for (int i = 0; i < Math.min(observed.length, weights.length); i++) {
      if (weights[i] > 0) {
        units.add(observed[i]);
        shares.add(weights[i]);
      }
    }
    long total = units.stream().mapToLong(Long::longValue).sum();
    if (units.size() < 2 || total == 0) {
      return 1.0;
    }
    return ChiSquare.pValue(
        units.stream().mapToLong(Long::longValue).toArray(),
        shares.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static Object sequentialRatio(Vector v) {
    JsonNode data = v.any("data");
    double[] shares = v.array("p0", "weights", "null_probs");
    double[] alpha = v.array("dirichlet_alpha", "alpha");
    if (alpha.length != shares.length) {
      double concentration = v.numberOr(10_000, "concentration", "dirichlet_concentration");
      alpha = shares.clone();
      for (int i = 0; i < alpha.length; i++) {
        alpha[i] *= concentration;
      }
    }
    long[] counts = new long[shares.length];
    int n = data.size();
    double[] m1 = new double[n];
    double[] m0 = new double[n];
    double[] logE = new double[n];
    double[] e = new double[n];
    double[] p = new double[n];
    double[] posterior = new double[n];
    double best = 0;
    for (int t = 0; t < n; t++) {
      long[] unit = Vector.counts(data.get(t));
      for (int i = 0; i < counts.length; i++) {
        counts[i] += unit[i];
      }
      m1[t] = SampleRatio.logMarginal(counts, alpha);
      m0[t] = SampleRatio.logNull(counts, shares);
      logE[t] = m1[t] - m0[t];
      e[t] = Math.exp(logE[t]);
      best = Math.max(best, logE[t]);
      p[t] = Math.exp(-best);
      posterior[t] = e[t] / (1 + e[t]);
    }
    return Map.of(
        "log_m1",
        m1,
        "log_m0",
        m0,
        "log_e",
        logE,
        "log_bf",
        logE,
        "bayes_factor",
        e,
        "e",
        e,
        "p",
        p,
        "p_value",
        p,
        "posterior",
        posterior);
  }

  private static Object ratio(Vector v) {
    double logE =
        SampleRatio.logE(
            Vector.counts(v.any("counts", "observed")),
            v.array("weights", "p0"),
            v.numberOr(SampleRatio.CONCENTRATION, "concentration"));
    return v.says("log") ? logE : Math.exp(logE);
  }

  private static Object pmf(Vector v) {
    NoncentralHypergeometric law =
        new NoncentralHypergeometric(
            (long) v.number("na"),
            (long) v.number("nb"),
            (long) v.number("total"),
            v.numberOr(1, "odds"));
    if (v.has("x") || v.has("ya")) {
      double p = law.probability((long) v.number("x", "ya"));
      return v.says("log") ? Math.log(p) : p;
    }
    return law.probabilities();
  }

  private static Object block(Vector v) {
    double logE =
        ConditionalTables.logFactor(
            new ConditionalTables.Block(
                (long) v.number("ya"),
                (long) v.number("na"),
                (long) v.number("yb"),
                (long) v.number("nb")),
            v.number("odds"),
            v.numberOr(1, "odds0", "null_odds"));
    return v.says("log") ? logE : Math.exp(logE);
  }

  private static Object blocks(Vector v) {
    double[] odds = v.array("odds");
    double nullOdds = v.numberOr(1, "odds0", "null_odds");
    double[] logs = new double[odds.length];
    v.any("windows", "blocks")
        .forEach(
            w -> {
              long[] counts = Vector.counts(w);
              var block = new ConditionalTables.Block(counts[0], counts[1], counts[2], counts[3]);
              for (int k = 0; k < odds.length; k++) {
                logs[k] += ConditionalTables.logFactor(block, odds[k], nullOdds);
              }
            });
    double logE = Logs.mean(logs);
    return v.says("log") ? logE : Math.exp(logE);
  }

  private static Object plugin(Vector v) {
    double[] a = v.array("ya");
    double[] b = v.array("yb");
    double nA = v.numberOr(v.written(1, "na\\s*=(?:\\s*nb\\s*=)?"), "na");
    double nB = v.numberOr(v.written(1, "nb\\s*="), "nb");
    PluginTables tables = new PluginTables(v.numberOr(0.18, "prior"));
    for (int i = 0; i < a.length; i++) {
      tables.add(a[i], nA, b[i], nB);
    }
    return v.says("log") ? tables.logE() : Math.exp(tables.logE());
  }

  /** The log of the mixture without restarts, unless the inputs ask for restarts. */
  private static Object labels(Vector v) {
    List<Double> ratios = new ArrayList<>();
    for (double ratio : v.array("rr", "ratios")) {
      ratios.add(ratio);
    }
    EventLabelDesign design = new EventLabelDesign(ratios, 25, 1);
    EventLabelProcess process = new EventLabelProcess(design);
    Stratum stratum = new Stratum("all", v.number("rho"), v.numberOr(1, "m", "margin"));
    for (double label : v.array("labels")) {
      process.add(0, stratum, label == 1);
    }
    if (v.has("candidate")) {
      process.add(0, stratum, (long) v.number("candidate"), (long) v.number("control"));
    }
    return v.saysAny("e-value") && !v.says("log") ? Math.exp(process.logE()) : process.logE();
  }
}
