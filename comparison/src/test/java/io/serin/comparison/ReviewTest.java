package io.serin.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.serin.comparison.answer.AnswerOutcome;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Pair;
import io.serin.comparison.answer.Question;
import io.serin.comparison.review.Judgement;
import io.serin.comparison.review.Review;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReviewTest {
  private static final PairDifference.Comparer COMPARER = new PairDifference.Comparer();

  @Test
  void shouldJudgeBySignedPairsWhatAJudgeFinds() {
    List<PairDifference> pairs = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      pairs.add(
          pair(i)
              .with(
                  new Review(
                      null, null, 0, i < 30 ? Judgement.Better.CONTROL : Judgement.Better.SWAYED)));
    }

    TestedMetric found = finding(ComparedMetric.JUDGED_WORSE, pairs);

    assertThat(found.verdict()).isEqualTo(Conclusion.WORSE);
    assertThat(found.estimate().candidateOnly()).isEqualTo(30);
    assertThat(found.estimate().controlOnly()).isZero();
    assertThat(
            finding(
                    ComparedMetric.JUDGED_WORSE,
                    pairs.stream().map(PairDifference::swapped).toList())
                .verdict())
        .isEqualTo(Conclusion.BETTER);
  }

  @Test
  void shouldHoldADifferenceInMeaningAgainstControlsOwn() {
    List<PairDifference> noisy = new ArrayList<>();
    List<PairDifference> other = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      noisy.add(
          pair(i).with(new Review(i % 4 == 0 ? 0.5 : 0.9, i % 4 == 1 ? 0.5 : 0.9, 0.8, null)));
      other.add(pair(i).with(new Review(i % 4 == 0 ? 0.5 : 0.9, 0.9, 0.8, null)));
    }

    assertThat(finding(ComparedMetric.OTHER_MEANING, noisy).verdict())
        .isEqualTo(Conclusion.NOT_SHOWN);
    assertThat(finding(ComparedMetric.OTHER_MEANING, other).verdict()).isEqualTo(Conclusion.WORSE);
    Floor meaning = new Comparing(ComparisonSettings.DEFAULT).meaning(other);
    assertThat(meaning).isNotNull();
    assertThat(meaning.noise()).isCloseTo(0.9, within(1e-9));
  }

  @Test
  void shouldKeepNoTextForTheSakeOfATime() {
    Answered quick =
        new Answered(AnswerOutcome.ANSWERED, "It is this.", List.of(), 10.0, null, null, null);
    Answered slow =
        new Answered(AnswerOutcome.ANSWERED, "It is this.", List.of(), 90.0, null, null, null);
    Question question = TraitsTest.question("q", "What is it?", null);

    assertThat(COMPARER.compare(new Pair(question, quick, slow, null)).isTelling()).isFalse();
    assertThat(COMPARER.compare(new Pair(question, quick, Answered.failed(), null)).isTelling())
        .isTrue();
  }

  @Test
  void shouldSayNothingWhereNobodyLooked() {
    assertThat(pair(1).event(ComparedMetric.JUDGED_WORSE, true)).isNull();
    assertThat(pair(1).event(ComparedMetric.OTHER_MEANING, true)).isNull();
    Review unreadable = new Review(0.5, null, 0.8, Judgement.Better.UNREADABLE);
    assertThat(pair(1).with(unreadable).event(ComparedMetric.JUDGED_WORSE, true)).isNull();
    assertThat(pair(1).with(unreadable).event(ComparedMetric.OTHER_MEANING, true))
        .as("control was not asked again")
        .isNull();
  }

  private static TestedMetric finding(ComparedMetric metric, List<PairDifference> pairs) {
    return new Comparing(ComparisonSettings.DEFAULT)
        .paired(pairs).metrics().stream()
            .filter(each -> each.estimate().metric() == metric)
            .findFirst()
            .orElseThrow();
  }

  private static PairDifference pair(int number) {
    return COMPARER.compare(
        new Pair(
            TraitsTest.question("q" + number, "What is it?", null),
            Answered.of("It is this."),
            Answered.of("It is that."),
            null));
  }
}
