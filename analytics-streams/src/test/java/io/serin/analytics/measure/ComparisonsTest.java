package io.serin.analytics.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.AnswerDifference;
import io.serin.schemas.AnswerTraits;
import io.serin.schemas.AskedFor;
import io.serin.schemas.Comparison;
import io.serin.schemas.Judgement;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.Outcomes;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.ShadowSide;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonsTest {
  private final Path directory;

  ComparisonsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void shouldCompareTheCandidateWithWhatWasServed() {
    Measurement slower = Attempts.ok();
    slower.setDurationMicros(240_000);
    slower.setCompletionTokens(25L);
    slower.setRefusal(true);

    List<Comparison> comparisons =
        Comparisons.of(result(side("candidate", slower, "b", 30), null, null));

    assertThat(comparisons)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.getAgainst()).isEqualTo(Comparisons.SERVED);
              assertThat(one.getCandidateVariant()).isEqualTo("candidate");
              assertThat(one.getCandidateFailed()).isFalse();
              assertThat(one.getOtherFailed()).isFalse();
              assertThat(one.getDurationRatio()).isEqualTo(2.0);
              assertThat(one.getTtftRatio()).isEqualTo(1.0);
              assertThat(one.getCompletionTokenRatio()).isEqualTo(0.5);
              assertThat(one.getLengthRatio()).isEqualTo(1.5);
              assertThat(one.getEqualText()).isFalse();
              assertThat(one.getCandidateRefused()).isTrue();
              assertThat(one.getOtherRefused()).isFalse();
              assertThat(one.getSameFinishReason()).isTrue();
              assertThat(one.getSimilarity()).isEqualTo(0.4);
            });
  }

  @Test
  void shouldCompareWithControlReplayedToo() {
    ShadowSide candidate = side("candidate", Attempts.ok(), "a", 20);
    ShadowSide control = side("control", Attempts.ok(), "a", 20);

    List<Comparison> comparisons = Comparisons.of(result(candidate, control, null));

    assertThat(comparisons)
        .extracting(Comparison::getAgainst)
        .containsExactly(Comparisons.SERVED, Comparisons.CONTROL_REPLAYED);
    assertThat(comparisons.get(1).getEqualText()).isTrue();
    assertThat(comparisons.get(0).getSimilarity()).isEqualTo(0.4);
    assertThat(comparisons.get(1).getSimilarity()).as("that of the two replays").isEqualTo(0.7);
    assertThat(comparisons.get(1).getNoiseSimilarity()).isEqualTo(0.9);
  }

  @Test
  void shouldTellWhatAJudgeAndEmbeddingsFoundOfReplayedControlAlone() {
    ShadowSide candidate = side("candidate", Attempts.ok(), "a", 20);
    candidate.setTraits(AnswerTraits.newBuilder().setRefusal("none").build());
    ShadowSide control = side("control", Attempts.ok(), "b", 20);
    control.setTraits(AnswerTraits.newBuilder().setRefusal("none").build());
    ShadowResult result = result(candidate, control, null);
    result.setAsked(AskedFor.newBuilder().build());
    result.setControlDifference(AnswerDifference.newBuilder().build());
    result.setSemanticSimilarity(0.5);
    result.setSemanticNoise(0.9);
    result.setSemanticAtLeast(0.8);
    result.setJudgement(
        Judgement.newBuilder()
            .setAgainst(Comparisons.CONTROL_REPLAYED)
            .setBetter("other")
            .setPrompt("pairwise-1")
            .setModel("m")
            .build());

    List<Comparison> comparisons = Comparisons.of(result);

    Comparison beside = comparisons.get(1);
    assertThat(beside.getCandidateHas())
        .containsEntry("judged-worse", true)
        .containsEntry("other-meaning", true);
    assertThat(beside.getOtherHas())
        .containsEntry("judged-worse", false)
        .containsEntry("other-meaning", false);
    assertThat(beside.getJudged()).isEqualTo("other");
    assertThat(beside.getJudgePrompt()).isEqualTo("pairwise-1");
    assertThat(beside.getSemanticSimilarity()).isEqualTo(0.5);
    assertThat(comparisons.get(0).getJudged()).isNull();
    assertThat(comparisons.get(0).getSemanticSimilarity()).isNull();
  }

  @Test
  void shouldTellWhatTheAnswersAreLikeAndWhereThePairBelongs() {
    ShadowSide candidate = side("candidate", Attempts.ok(), "a", 20);
    candidate.setTraits(
        AnswerTraits.newBuilder().setRefusal("full").setJson(false).setToolCalls(0).build());
    ShadowSide control = side("control", Attempts.ok(), "b", 20);
    control.setTraits(
        AnswerTraits.newBuilder().setRefusal("none").setJson(true).setToolCalls(1).build());
    ShadowResult result = result(candidate, control, null);
    result.getServed().setTraits(AnswerTraits.newBuilder().setJson(true).build());
    result.setAsked(
        AskedFor.newBuilder().setJsonAsked(true).setSegments(List.of("language=de")).build());
    result.setServedDifference(AnswerDifference.newBuilder().setSameWords(false).build());
    result.setControlDifference(AnswerDifference.newBuilder().setSameTools(false).build());
    result.setBackfill("try-1");

    List<Comparison> comparisons = Comparisons.of(result);

    Comparison beside = comparisons.get(1);
    assertThat(beside.getCandidateHas())
        .containsEntry("refused", true)
        .containsEntry("json-broken", true)
        .containsEntry("tool-missing", true)
        .containsEntry("failed", false);
    assertThat(beside.getOtherHas())
        .containsEntry("refused", false)
        .containsEntry("json-broken", false)
        .containsEntry("tool-missing", false);
    assertThat(beside.getSameTools()).isFalse();
    assertThat(beside.getSegments()).containsExactly("language=de");
    assertThat(beside.getBackfill()).isEqualTo("try-1");
    assertThat(comparisons.getFirst().getCandidateHas())
        .as("what was served tells no tool calls")
        .containsEntry("json-broken", true)
        .doesNotContainKey("tool-missing");
    assertThat(comparisons.getFirst().getSameWords()).isFalse();
  }

  @Test
  void shouldTellAFailureAsOneAndCompareNoTimesWithIt() {
    Measurement failed = Attempts.failed(Outcome.TIMEOUT);

    Comparison comparison =
        Comparisons.of(result(side("candidate", failed, null, null), null, null)).getFirst();

    assertThat(comparison.getCandidateFailed()).isTrue();
    assertThat(comparison.getDurationRatio()).isNull();
    assertThat(comparison.getEqualText()).isNull();
    assertThat(comparison.getCandidateJson()).isNull();
    assertThat(comparison.getCandidateRefused()).isNull();
  }

  @Test
  void shouldNotCallAClientThatLeftAFailure() {
    assertThat(Outcomes.failed(Outcome.CANCELLED)).isFalse();
    assertThat(Outcomes.failed(Outcome.ROUTER_DIED)).isFalse();
    assertThat(Outcomes.failed(Outcome.HTTP_ERROR)).isTrue();
    assertThat(Outcomes.failed(Outcome.EMPTY)).isTrue();
  }

  @Test
  void shouldCompareNothingWhereNothingWasAsked() {
    ShadowSide none = side("", Attempts.failed(Outcome.UNKNOWN), null, null);

    assertThat(Comparisons.of(result(none, null, "no-shadow"))).isEmpty();
  }

  @Test
  void shouldNotCompareACandidateWithItself() {
    ShadowResult result = result(side("control", Attempts.ok(), "a", 20), null, null);

    assertThat(Comparisons.of(result)).isEmpty();
  }

  @Test
  void shouldTellComparisonsOfResultsOnTheirTopic() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      measure.append(result(side("candidate", Attempts.ok(), "b", 30), null, null));

      assertThat(measure.comparisons())
          .singleElement()
          .satisfies(one -> assertThat(one.getRequestId()).isEqualTo("r1"));
    }
  }

  private static ShadowResult result(
      ShadowSide candidate, @Nullable ShadowSide control, @Nullable String skipped) {
    return ShadowResult.newBuilder()
        .setRequestId("r1")
        .setAt(Attempts.NOON)
        .setRollout("assistant")
        .setRun("run-1")
        .setStage(0)
        .setUnit("unit-1")
        .setEndpoint("chat.completions")
        .setServed(side("control", Attempts.ok(), "a", 20))
        .setCandidate(candidate)
        .setControl(control)
        .setSimilarity(0.4)
        .setControlSimilarity(0.7)
        .setNoiseSimilarity(0.9)
        .setSkipped(skipped)
        .build();
  }

  private static ShadowSide side(
      String variant, Measurement measurement, @Nullable String hash, @Nullable Integer length) {
    return ShadowSide.newBuilder()
        .setVariant(variant)
        .setMeasurement(measurement)
        .setTextHash(hash)
        .setTextLength(length)
        .build();
  }
}
