package io.serin.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.serin.comparison.answer.AnswerOutcome;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Pair;
import io.serin.comparison.answer.Question;
import io.serin.comparison.answer.Traits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ComparingTest {
  private static final String REFUSAL = "I'm sorry, but I can't help with that request.";
  private static final int PAIRS = 400;

  private final Random random = new Random(7);
  private final PairDifference.Comparer comparer = new PairDifference.Comparer();
  private final Comparing comparing = new Comparing(ComparisonSettings.DEFAULT);

  /** Answers a question for the candidate; control's is given. */
  private interface Candidate {
    Answered answer(int i, Answered control);
  }

  @Test
  void shouldFindNothingWhereBothSidesAreTheSame() {
    ComparisonReport report = compare((i, control) -> control);

    assertThat(report.anyFound()).isFalse();
    assertThat(report.equal()).isEqualTo(1);
    assertThat(report.examples()).isEmpty();
  }

  @Test
  void shouldFindRefusalsAndSayHowMany() {
    ComparisonReport report =
        compare((i, control) -> i % 20 == 0 ? Answered.of(REFUSAL) : answer());

    TestedMetric refused = finding(report, ComparedMetric.REFUSED);
    assertThat(refused.verdict()).isEqualTo(Conclusion.WORSE);
    assertThat(refused.estimate().candidateOnly()).isEqualTo(20);
    assertThat(refused.estimate().effect()).isCloseTo(0.05, within(1e-9));
    assertThat(refused.estimate().low()).isBetween(0.02, 0.05);
    assertThat(report.examples().getFirst().reasons().getFirst()).contains("refuses");
  }

  @Test
  void shouldFindEmptyAnswersAndFailures() {
    assertThat(
            finding(
                    compare((i, c) -> i % 25 == 0 ? Answered.of("") : answer()),
                    ComparedMetric.EMPTY)
                .verdict())
        .isEqualTo(Conclusion.WORSE);
    assertThat(
            finding(
                    compare((i, c) -> i % 25 == 0 ? Answered.failed() : answer()),
                    ComparedMetric.FAILED)
                .verdict())
        .isEqualTo(Conclusion.WORSE);
  }

  @Test
  void shouldFindTheSlowerAndTheLonger() {
    ComparisonReport report =
        compare(
            (i, control) ->
                new Answered(
                    AnswerOutcome.ANSWERED,
                    control.text() + " " + control.text(),
                    List.of(),
                    1.3 * 500 * Math.exp(0.4 * random.nextGaussian()),
                    null,
                    null,
                    "stop"));

    Estimate latency = finding(report, ComparedMetric.LATENCY).estimate();
    assertThat(finding(report, ComparedMetric.LATENCY).verdict()).isEqualTo(Conclusion.WORSE);
    assertThat(latency.effect()).isBetween(1.2, 1.4);
    assertThat(latency.low()).isLessThan(1.3);
    assertThat(latency.high()).isGreaterThan(1.3);
    assertThat(finding(report, ComparedMetric.LENGTH).verdict()).isEqualTo(Conclusion.DIFFERENT);
  }

  @Test
  void shouldFindBrokenJsonWhereJsonWasAskedFor() {
    List<PairDifference> pairs = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Question question = new Question("q" + i, "q" + i, "Give me JSON.", true, null, Map.of());
      Answered good = Answered.of("{\"a\":" + i + "}");
      Answered bad = Answered.of("{\"a\":" + i);
      pairs.add(comparer.compare(new Pair(question, good, i % 15 == 0 ? bad : good, null)));
    }

    TestedMetric broken = finding(comparing.paired(pairs), ComparedMetric.JSON_BROKEN);
    assertThat(broken.verdict()).isEqualTo(Conclusion.WORSE);
    assertThat(broken.estimate().candidateOnly()).isEqualTo(14);
  }

  @Test
  void shouldFindTheWorstSegmentAndNoOther() {
    ComparisonReport report =
        compare((i, control) -> i % 4 == 1 && i % 3 == 0 ? Answered.of(REFUSAL) : answer());

    List<TestedMetric> worse =
        report.segments().stream().filter(each -> each.verdict() == Conclusion.WORSE).toList();
    assertThat(worse)
        .filteredOn(each -> String.valueOf(each.segment()).startsWith("tenant="))
        .singleElement()
        .satisfies(each -> assertThat(each.segment()).isEqualTo("tenant=t1"));
  }

  @Test
  void shouldNotTakeOneUnitsPairsForMany() {
    List<PairDifference> pairs = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Question question = new Question("q" + i, "u" + i / 30, "What is it?", false, null, Map.of());
      pairs.add(comparer.compare(new Pair(question, answer(), Answered.of(REFUSAL), null)));
    }

    Estimate refused = finding(comparing.paired(pairs), ComparedMetric.REFUSED).estimate();
    assertThat(refused.units()).isEqualTo(2);
    assertThat(refused.p()).isGreaterThanOrEqualTo(0.5);
  }

  @Test
  void shouldJudgeDifferenceAgainstTheModelsOwnNoise() {
    List<PairDifference> alike = new ArrayList<>();
    List<PairDifference> other = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Question question = TraitsTest.question("q" + i, "What is it?", null);
      alike.add(comparer.compare(new Pair(question, answer(), answer(), answer())));
      other.add(
          comparer.compare(
              new Pair(question, answer(), Answered.of("Bananas ripen slowly."), answer())));
    }

    Floor same = comparing.paired(alike).words();
    Floor differs = comparing.paired(other).words();
    assertThat(same).isNotNull();
    assertThat(same.low()).isNegative();
    assertThat(same.high()).isPositive();
    assertThat(differs).isNotNull();
    assertThat(differs.low()).isPositive();
  }

  @Test
  void shouldCompareSamplesOfDifferentQuestions() {
    List<Single> control = singles(0, 300, 0);
    List<Single> candidate = singles(300, 300, 12);

    ComparisonReport report = comparing.independent(control, candidate);

    assertThat(report.paired()).isFalse();
    assertThat(finding(report, ComparedMetric.REFUSED).verdict()).isEqualTo(Conclusion.WORSE);
    assertThat(comparing.independent(control, singles(600, 300, 0)).anyFound()).isFalse();
  }

  @Test
  void shouldKeepTheStatedRateOnRandomHalvesAndSwaps() {
    List<PairDifference> pairs = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      Answered control = random.nextInt(10) == 0 ? Answered.of(REFUSAL) : answer();
      Answered candidate = random.nextInt(10) == 0 ? Answered.of(REFUSAL) : answer();
      pairs.add(comparer.compare(new Pair(question(i), control, candidate, null)));
    }
    Traits.Reader reader = new Traits.Reader();
    List<Single> singles =
        pairs.stream()
            .map(each -> Single.of(each.pair().question(), each.pair().control(), reader))
            .toList();
    // A level at which discrete tests too find something now and then.
    ComparisonSettings settings = new ComparisonSettings(0.2, 25, 0);

    NullSplits halves = NullSplits.halves("halves", singles, 200, 1, settings);
    NullSplits swaps = NullSplits.swaps(pairs, 200, 1, settings);

    double most = 0.2 + 2 * Math.sqrt(0.2 * 0.8 / 200);
    assertThat(halves.rate()).isLessThanOrEqualTo(most);
    assertThat(swaps.rate()).isLessThanOrEqualTo(most);
    assertThat(halves.found() + swaps.found()).isPositive();
  }

  @Test
  void shouldAgreeWithFishersExactTest() {
    // Fisher's tea: 3 and 1 against 1 and 3.
    assertThat(IndependentTests.fisher(3, 4, 1, 4)).isCloseTo(0.4857, within(1e-4));
    assertThat(IndependentTests.fisher(0, 10, 0, 12)).isEqualTo(1);
  }

  private List<Single> singles(int from, int number, int refuseEvery) {
    Traits.Reader reader = new Traits.Reader();
    List<Single> singles = new ArrayList<>();
    for (int i = from; i < from + number; i++) {
      boolean refuses = refuseEvery > 0 && i % refuseEvery == 0;
      singles.add(Single.of(question(i), refuses ? Answered.of(REFUSAL) : answer(), reader));
    }
    return singles;
  }

  private ComparisonReport compare(Candidate candidate) {
    List<PairDifference> pairs = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      Answered control = answer();
      pairs.add(
          comparer.compare(new Pair(question(i), control, candidate.answer(i, control), null)));
    }
    return comparing.paired(pairs);
  }

  private static Question question(int i) {
    return new Question(
        "q" + i,
        "u" + i,
        "What is the number " + i + "?",
        false,
        null,
        Map.of("tenant", "t" + i % 4));
  }

  /** An answer of random words, so that two of them are alike but not the same. */
  private Answered answer() {
    String[] words = {"the", "answer", "is", "a", "number", "of", "small", "size", "and", "even"};
    StringBuilder text = new StringBuilder("It is");
    int length = 8 + random.nextInt(20);
    for (int i = 0; i < length; i++) {
      text.append(' ').append(words[random.nextInt(words.length)]);
    }
    return new Answered(
        AnswerOutcome.ANSWERED,
        text.append('.').toString(),
        List.of(),
        500 * Math.exp(0.4 * random.nextGaussian()),
        null,
        null,
        "stop");
  }

  private static TestedMetric finding(ComparisonReport report, ComparedMetric metric) {
    @Nullable TestedMetric found = null;
    for (TestedMetric each : report.metrics()) {
      found = each.estimate().metric() == metric ? each : found;
    }
    assertThat(found).as(metric.id()).isNotNull();
    return Objects.requireNonNull(found);
  }
}
