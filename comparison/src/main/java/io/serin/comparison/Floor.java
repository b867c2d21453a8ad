package io.serin.comparison;

import io.serin.statistics.comparison.UnitSums;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.commons.statistics.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * How alike the two models' answers are, against how alike two answers of control are: a text that
 * differs is no regression by itself.
 *
 * @param pairs that have both sides' texts
 * @param similarity mean, in [0, 1] (lexical) or [−1, 1] (of embeddings)
 * @param twice pairs on which control was asked twice as well
 * @param noise mean similarity of control with itself; null where it was not asked twice
 * @param below how much less alike the candidate is than control itself, on those pairs
 * @param low of its interval
 * @param high of it
 * @param p two-sided p-value of "no less alike than control with itself"
 */
public record Floor(
    long pairs,
    double similarity,
    long twice,
    @Nullable Double noise,
    @Nullable Double below,
    @Nullable Double low,
    @Nullable Double high,
    @Nullable Double p) {

  /** One pair: its unit, its similarity, and control's with itself. */
  record Likeness(String unit, double similarity, @Nullable Double noise) {}

  /** Over the pairs that have a similarity; null where none has. */
  static @Nullable Floor of(
      List<PairDifference> all, Function<PairDifference, @Nullable Likeness> f, double alpha) {
    List<Likeness> found = all.stream().map(f).filter(each -> each != null).toList();
    if (found.isEmpty()) {
      return null;
    }
    double similarity = 0;
    double noise = 0;
    long twice = 0;
    Map<String, double[]> units = new HashMap<>();
    for (Likeness each : found) {
      similarity += each.similarity();
      if (each.noise() != null) {
        twice++;
        noise += each.noise();
        double[] sums = units.computeIfAbsent(each.unit(), ignored -> new double[2]);
        sums[0] += each.noise() - each.similarity();
        sums[1]++;
      }
    }
    double mean = similarity / found.size();
    if (units.size() < PairedTests.FEWEST_UNITS) {
      return new Floor(found.size(), mean, twice, null, null, null, null, null);
    }
    UnitSums sums = UnitSums.NONE;
    for (double[] unit : units.values()) {
      sums = sums.plus(unit[0], unit[1]);
    }
    double error = Math.sqrt(sums.variance());
    TDistribution t = TDistribution.of(sums.units() - 1.0);
    double half = t.inverseSurvivalProbability(alpha / 2) * error;
    double p = error > 0 ? 2 * t.survivalProbability(Math.abs(sums.ratio()) / error) : 1;
    return new Floor(
        found.size(),
        mean,
        twice,
        noise / twice,
        sums.ratio(),
        sums.ratio() - half,
        sums.ratio() + half,
        Math.min(1, p));
  }
}
