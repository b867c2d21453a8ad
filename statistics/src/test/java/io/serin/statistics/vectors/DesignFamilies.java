package io.serin.statistics.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.statistics.comparison.Effect;
import io.serin.statistics.comparison.MeanSample;
import io.serin.statistics.design.GroupSequential;
import io.serin.statistics.design.Power;
import io.serin.statistics.design.SampleSize;
import io.serin.statistics.design.Spending;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Planning. */
final class DesignFamilies {
  private DesignFamilies() {}

  static final List<Family> ALL =
      List.of(
          new Family(
              "difference variance", v -> v.says("frequentistvariance"), DesignFamilies::variance),
          new Family(
              "detectable effect", v -> v.says("mde") && v.has("sd2"), DesignFamilies::detectable),
          new Family(
              "group-sequential cost",
              v -> v.says("group-sequential bounds"),
              DesignFamilies::groupSequential),
          new Family("spending bounds", v -> v.says("spending"), DesignFamilies::spending),
          new Family("scaling factor", v -> v.says("scaling factor"), DesignFamilies::scaling),
          new Family("relative power", v -> v.says("power") && v.has("sd2"), DesignFamilies::power),
          new Family("total sample size", v -> v.says("total sample size"), DesignFamilies::total),
          new Family(
              "sample size",
              v -> v.saysAny("n per arm", "per group", "sample size", "power"),
              DesignFamilies::perArm));

  /** "(varA,meanA,nA,varB,meanB,nB)=(2,7,4,.5,5,15)", or the same as inputs. */
  private static Object variance(Vector v) {
    double[] x;
    if (v.has("varA")) {
      x =
          new double[] {
            v.number("varA"),
            v.number("meanA"),
            v.number("nA"),
            v.number("varB"),
            v.number("meanB"),
            v.number("nB")
          };
    } else {
      Matcher list = Pattern.compile("=\\s*\\(([^)]*)\\)").matcher(v.function());
      if (!list.find()) {
        throw new IllegalArgumentException("no figures in " + v.function());
      }
      x =
          Arrays.stream(list.group(1).split(","))
              .mapToDouble(s -> Double.parseDouble(s.trim()))
              .toArray();
    }
    double absolute = Effect.differenceVariance(x[0], x[1], x[2], x[3], x[4], x[5], false);
    double relative = Effect.differenceVariance(x[0], x[1], x[2], x[3], x[4], x[5], true);
    return v.expected().isNumber()
        ? (Object) (v.says("relative") ? relative : absolute)
        : Map.of("absolute", absolute, "relative", relative);
  }

  private static Power.Relative relative(Vector v) {
    double tuned = v.says("sequential") ? v.written(5000, "N\\s*\\*\\s*=") : 0;
    return new Power.Relative(
        v.number("mean"),
        v.number("sd2", "variance"),
        v.number("n"),
        (int) v.numberOr(2, "variations", "n_variations"),
        v.numberOr(0.05, "alpha"),
        v.numberOr(tuned, "tuning", "N_star"));
  }

  private static Object detectable(Vector v) {
    return relative(v).detectable(v.numberOr(v.written(0.8, "power"), "power"));
  }

  private static Object power(Vector v) {
    return relative(v).power(v.number("effect"));
  }

  private static Object scaling(Vector v) {
    MeanSample a = mean(v.any("a"));
    MeanSample b = mean(v.any("b"));
    double error = Effect.of(a, b, !v.says("absolute")).standardError();
    double tuned = v.numberOr(v.written(5000, "N\\s*\\*\\s*="), "tuning", "N_star");
    double power = v.numberOr(v.written(80, "reach\\s+") / 100, "power", "target_power");
    int tests = (int) v.numberOr(1, "tests");
    Map<String, Object> map = new LinkedHashMap<>();
    double alpha = v.numberOr(0.05, "alpha");
    double units = a.n() + b.n();
    double target = v.number("mde", "target_mde");
    map.put("fixed", Power.furtherUnits(error, units, target, alpha, tests, power, 0));
    map.put("sequential", Power.furtherUnits(error, units, target, alpha, tests, power, tuned));
    return v.expected().isNumber()
        ? map.getOrDefault(v.says("sequential") ? "sequential" : "fixed", 0)
        : map;
  }

  private static MeanSample mean(JsonNode node) {
    return new MeanSample(
        node.path("n").asLong(), node.path("sum").asDouble(), node.path("sum_squares").asDouble());
  }

  private static Spending spendingOf(Vector v) {
    if (v.saysAny("hsd", "hwang") || v.has("gamma")) {
      return new Spending.HwangShihDeCani(
          v.numberOr(v.written(-4, "(?:HSD|DeCani)\\s*\\(?\\s*"), "gamma"));
    }
    if (v.saysAny("obrien", "o'brien", "obf", "ldof")) {
      return new Spending.OBrienFleming();
    }
    if (v.saysAny("pocock", "ldpocock")) {
      return new Spending.Pocock();
    }
    return new Spending.PowerFamily(v.numberOr(v.written(2, "t\\^"), "rho", "phi"));
  }

  private static Object groupSequential(Vector v) {
    double alpha = v.numberOr(0.025, "alpha");
    double power = v.has("beta") ? 1 - v.number("beta") : v.numberOr(0.9, "power");
    boolean symmetric = v.saysAny("two-sided", "symmetric");
    GroupSequential.Sides sides =
        symmetric ? GroupSequential.Sides.SYMMETRIC : GroupSequential.Sides.UPPER;
    // gsDesign's alpha is always that of one side.
    double level = symmetric ? 2 * alpha : alpha;
    double[] timing = v.array("t", "timing");
    GroupSequential design =
        timing.length > 0
            ? new GroupSequential(timing, level, spendingOf(v), sides)
            : GroupSequential.equallySpaced((int) v.number("k"), level, spendingOf(v), sides);
    GroupSequential.Cost cost = design.cost(level, power);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("z", design.bounds());
    map.put("bounds", design.bounds());
    map.put("spend", design.spent());
    map.put("sample_ratio", cost.sampleRatio());
    map.put("inflation", cost.sampleRatio().getLast());
    map.put("theta", cost.drift());
    map.put("expected_n_h1", cost.expectedUnderAlternative());
    map.put("expected_n_h0", cost.expectedUnderNull());
    return map;
  }

  /** Bounds on one side that spend alpha/sides, as Spotify's solver has it. */
  private static Object spending(Vector v) {
    double sides = v.numberOr(v.says("two-sided") ? 2 : 1, "sides");
    double alpha = v.number("alpha") / sides;
    double[] times = v.array("t", "timing");
    if (times.length == 0) {
      int looks = (int) v.numberOr(v.written(5, ","), "k", "looks");
      times = new double[looks];
      for (int k = 0; k < looks; k++) {
        times[k] = (k + 1.0) / looks;
      }
    }
    return new GroupSequential(times, alpha, spendingOf(v), GroupSequential.Sides.UPPER).bounds();
  }

  private static Object total(Vector v) {
    double variance =
        v.has("p")
            ? v.number("p") * (1 - v.number("p"))
            : v.number("var", "variance", "baseline_variance");
    String compared =
        v.textOr(v.says("all vs all") ? "all_vs_all" : "control_vs_all", "comparisons");
    return SampleSize.total(
        v.number("mde"),
        variance,
        v.numberOr(0.05, "alpha"),
        v.numberOr(0.85, "power"),
        (int) v.numberOr(2, "treatments", "arms"),
        compared.contains("all_vs_all") || compared.contains("all vs all")
            ? SampleSize.Comparisons.ALL_WITH_ALL
            : SampleSize.Comparisons.CONTROL_WITH_ALL,
        v.flagOr(false, "bonferroni", "bonferroni_correction"));
  }

  private static int sides(Vector v) {
    String alternative = v.textOr("two-sided", "alternative");
    boolean one =
        v.saysAny("one-sided")
            || alternative.startsWith("one")
            || alternative.equals("greater")
            || alternative.equals("less")
            || alternative.equals("larger")
            || alternative.equals("smaller");
    return (int) v.numberOr(one ? 1 : 2, "sides");
  }

  private static Object perArm(Vector v) {
    double alpha = v.numberOr(0.05, "alpha");
    double power = v.numberOr(0.8, "power");
    int sides = sides(v);
    if (v.has("d")) {
      return tTest(v, alpha, power, sides);
    }
    if (v.has("p1")) {
      return proportions(v, alpha, power, sides);
    }
    double variance =
        v.has("sigma") || v.has("sd")
            ? Math.pow(v.number("sigma", "sd"), 2)
            : v.number("var", "variance", "sigma2");
    double difference = v.number("delta", "difference", "mde", "diff");
    if (v.function().contains("16")) {
      return 16 * variance / (difference * difference);
    }
    return SampleSize.means(
        difference, variance, variance, alpha, power, sides, v.numberOr(1, "ratio"));
  }

  private static Object tTest(Vector v, double alpha, double power, int sides) {
    boolean paired = v.mentions("paired", "one-sample", "one.sample");
    double d = v.number("d");
    Map<String, Object> map = new LinkedHashMap<>();
    if (v.has("power")) {
      map.put(
          "n",
          paired
              ? SampleSize.pairedTTest(d, alpha, power, sides)
              : SampleSize.tTest(d, alpha, power, sides));
    }
    double check = v.numberOr(0, "n_check", "n");
    if (check > 0) {
      double reached =
          paired
              ? Power.oneSampleTTest(d, check, alpha, sides)
              : Power.tTest(d, check, check, alpha, sides);
      map.put("power", reached);
      map.put("power_n" + (int) check, reached);
    }
    return v.expected().isNumber()
        ? map.getOrDefault(v.has("power") ? "n" : "power", Double.NaN)
        : map;
  }

  private static Object proportions(Vector v, double alpha, double power, int sides) {
    SampleSize.Proportion method =
        v.mentions("cohen", "arcsin", "pwr", "normalindpower", "effectsize")
            ? SampleSize.Proportion.ARCSINE
            : v.mentions("unpooled")
                ? SampleSize.Proportion.UNPOOLED
                : SampleSize.Proportion.POOLED;
    double p1 = v.number("p1");
    double p2 = v.number("p2");
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(
        "n", SampleSize.proportions(p1, p2, alpha, power, sides, v.numberOr(1, "ratio"), method));
    map.put("h", SampleSize.effectSize(p1, p2));
    double check = v.numberOr(0, "n_check", "n");
    if (check > 0) {
      map.put("power", Power.proportions(p1, p2, check, alpha, sides));
      map.put("power_n" + (int) check, Power.proportions(p1, p2, check, alpha, sides));
    }
    boolean wantsPower = check > 0 && !v.has("power");
    return v.expected().isNumber() ? map.getOrDefault(wantsPower ? "power" : "n", Double.NaN) : map;
  }
}
