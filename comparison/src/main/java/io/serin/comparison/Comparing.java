package io.serin.comparison;

import io.serin.comparison.Floor.Likeness;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.review.Embedder;
import io.serin.statistics.comparison.Multiplicity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Compares two models over many answers, at one look. A function of its input.
 *
 * <p>Where nothing differs anything is found with a chance of at most α: the metrics over all pairs
 * share half of it by Holm's rule, which keeps the chance of any false one; the segments share the
 * other half by Benjamini and Yekutieli's (2001), which keeps the share of false ones among those
 * found, under any dependence.
 */
public final class Comparing {
  private final ComparisonSettings settings;

  /** Tests one metric over the answers with these positions. */
  private interface Test {
    @Nullable Estimate of(ComparedMetric metric, @Nullable String segment);
  }

  public Comparing(ComparisonSettings settings) {
    this.settings = settings;
  }

  /** Both models' answers to the same questions. */
  public ComparisonReport paired(List<PairDifference> differences) {
    Map<String, List<PairDifference>> segments = new LinkedHashMap<>();
    Set<String> units = new LinkedHashSet<>();
    for (PairDifference each : differences) {
      units.add(each.pair().question().unit());
      each.segments()
          .forEach(key -> segments.computeIfAbsent(key, k -> new ArrayList<>()).add(each));
    }
    Test test =
        (metric, segment) -> {
          List<PairDifference> in =
              segment == null ? differences : segments.getOrDefault(segment, List.of());
          return PairedTests.estimate(
              metric, PairedTests.observations(metric, in), settings.alpha());
        };
    return new ComparisonReport(
        true,
        settings,
        differences.size(),
        differences.size(),
        differences.size(),
        units.size(),
        overall(test),
        segments(test, segments.keySet(), differences.size(), segments::get),
        share(differences, PairDifference::equal),
        share(differences, PairDifference::sameWords),
        share(differences, PairDifference::sameFinishReason),
        share(differences, PairDifference::sameTools),
        share(differences, PairDifference::sameArguments),
        Floor.of(differences, Comparing::lexical, settings.alpha()),
        Examples.of(differences, settings.examples()));
  }

  /** Answers to different questions: two independent samples. */
  public ComparisonReport independent(List<Single> control, List<Single> candidate) {
    Map<String, List<Single>> left = bySegment(control);
    Map<String, List<Single>> right = bySegment(candidate);
    Set<String> keys = new LinkedHashSet<>(left.keySet());
    keys.addAll(right.keySet());
    Test test =
        (metric, segment) ->
            segment == null
                ? IndependentTests.estimate(metric, control, candidate, settings.alpha())
                : IndependentTests.estimate(
                    metric,
                    left.getOrDefault(segment, List.of()),
                    right.getOrDefault(segment, List.of()),
                    settings.alpha());
    return new ComparisonReport(
        false,
        settings,
        control.size(),
        candidate.size(),
        0,
        (long) control.size() + candidate.size(),
        overall(test),
        segments(
            test,
            keys,
            control.size() + candidate.size(),
            key -> {
              List<Single> both = new ArrayList<>(left.getOrDefault(key, List.of()));
              both.addAll(right.getOrDefault(key, List.of()));
              return both;
            }),
        null,
        null,
        null,
        null,
        null,
        null,
        List.of());
  }

  /** How alike embeddings are, against control itself: vectors by text. */
  public @Nullable Floor semantic(
      List<PairDifference> differences, Function<String, float @Nullable []> vectors) {
    return Floor.of(
        differences,
        each -> {
          float @Nullable [] control = vector(each.pair().control(), vectors);
          float @Nullable [] candidate = vector(each.pair().candidate(), vectors);
          Answered twice = each.pair().again();
          float @Nullable [] again = twice == null ? null : vector(twice, vectors);
          return control == null || candidate == null
              ? null
              : new Likeness(
                  each.pair().question().unit(),
                  Embedder.cosine(control, candidate),
                  again == null ? null : Embedder.cosine(control, again));
        },
        settings.alpha());
  }

  /** How alike meanings are by the pairs' own reviews; null where none was embedded. */
  public @Nullable Floor meaning(List<PairDifference> differences) {
    return Floor.of(
        differences,
        each ->
            each.review().likeness() == null
                ? null
                : new Likeness(
                    each.pair().question().unit(), each.review().likeness(), each.review().noise()),
        settings.alpha());
  }

  private static float @Nullable [] vector(
      Answered answer, Function<String, float @Nullable []> vectors) {
    return answer.text() == null || answer.text().isBlank() ? null : vectors.apply(answer.text());
  }

  private static @Nullable Likeness lexical(PairDifference each) {
    return each.similarity() == null
        ? null
        : new Likeness(each.pair().question().unit(), each.similarity(), each.noise());
  }

  private List<TestedMetric> overall(Test test) {
    List<Estimate> estimates = new ArrayList<>();
    for (ComparedMetric metric : ComparedMetric.values()) {
      Estimate estimate = test.of(metric, null);
      if (estimate != null) {
        estimates.add(estimate);
      }
    }
    double[] adjusted = Multiplicity.holm(estimates.stream().mapToDouble(Estimate::p).toArray());
    List<TestedMetric> findings = new ArrayList<>();
    for (int i = 0; i < adjusted.length; i++) {
      findings.add(finding(null, estimates.get(i), adjusted[i]));
    }
    return findings;
  }

  private List<TestedMetric> segments(
      Test test, Set<String> keys, int all, Function<String, @Nullable List<?>> members) {
    List<String> where = new ArrayList<>();
    List<Estimate> estimates = new ArrayList<>();
    for (String key : keys) {
      // A segment that is everything is no segment.
      int size = Objects.requireNonNullElse(members.apply(key), List.of()).size();
      if (size == all) {
        continue;
      }
      for (ComparedMetric metric : ComparedMetric.values()) {
        Estimate estimate = testedInSegments(metric) ? test.of(metric, key) : null;
        if (estimate != null && estimate.units() >= settings.segmentUnits()) {
          where.add(key);
          estimates.add(estimate);
        }
      }
    }
    double[] p =
        Multiplicity.benjaminiHochberg(estimates.stream().mapToDouble(Estimate::p).toArray());
    double harmonic = 0;
    for (int i = 1; i <= p.length; i++) {
      harmonic += 1.0 / i;
    }
    List<TestedMetric> findings = new ArrayList<>();
    for (int i = 0; i < p.length; i++) {
      findings.add(finding(where.get(i), estimates.get(i), Math.min(1, harmonic * p[i])));
    }
    findings.sort(
        Comparator.comparing((TestedMetric each) -> each.verdict())
            .thenComparing(each -> -Math.abs(each.estimate().more())));
    return findings;
  }

  /**
   * What of a metric a segment is tested for: a neutral sign of form is told over all pairs only.
   */
  private static boolean testedInSegments(ComparedMetric metric) {
    return metric.moreIsWorse()
        || metric == ComparedMetric.LENGTH
        || metric == ComparedMetric.TOKENS;
  }

  private TestedMetric finding(@Nullable String segment, Estimate estimate, double adjusted) {
    return new TestedMetric(
        segment, estimate, adjusted, Conclusion.of(estimate, adjusted <= settings.alpha() / 2));
  }

  private static Map<String, List<Single>> bySegment(List<Single> answers) {
    Map<String, List<Single>> segments = new LinkedHashMap<>();
    for (Single each : answers) {
      each.segments()
          .forEach(key -> segments.computeIfAbsent(key, k -> new ArrayList<>()).add(each));
    }
    return segments;
  }

  private static @Nullable Double share(
      List<PairDifference> differences, Function<PairDifference, @Nullable Boolean> of) {
    long known = 0;
    long yes = 0;
    for (PairDifference each : differences) {
      Boolean value = of.apply(each);
      if (value != null) {
        known++;
        yes += value ? 1 : 0;
      }
    }
    return known == 0 ? null : (double) yes / known;
  }
}
